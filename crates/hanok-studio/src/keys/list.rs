//! The project's keys listed and revoked.

use hanok_domain::fault::{Fault, FaultKind};
use hanok_store::Tx;
use hanok_store::rows::keys::ApiKey;

use super::{KeyView, view};
use crate::access::Caller;
use crate::audit::{Deed, record};
use crate::studio::Studio;
use crate::{Listed, PageRequest};

impl Studio {
    /// The project's keys, newest first.
    pub async fn keys(&self, caller: &Caller, page: PageRequest) -> Result<Listed<KeyView>, Fault> {
        let (project, rows) = (&caller.project_id, &page.rows());
        let rows: Vec<ApiKey> = self
            .store()
            .read(|tx| async move { tx.keys().list(project, rows).await })
            .await?;
        Ok(page.listed(rows, |row| &row.id, view))
    }

    /// Revokes a key at once: one's own, or as an owner any of the project.
    pub async fn revoke_key(&self, caller: &Caller, id: &str) -> Result<(), Fault> {
        self.store()
            .write(|tx| async move {
                let key = find(&tx, caller, id).await?;
                if key.user_id != caller.user_id && !caller.may_own() {
                    let text = "Only an owner of the project revokes keys of others.";
                    return Err(Fault::new(FaultKind::Forbidden, "forbidden", text));
                }
                if !tx.keys().revoke(&caller.project_id, id).await? {
                    return Err(Fault::not_found("key", id));
                }
                record(&tx, caller, Deed::done("key.revoke", "key", id)).await?;
                Ok(())
            })
            .await
    }
}

/// A key of the caller's project that is not revoked.
pub(super) async fn find(tx: &Tx, caller: &Caller, id: &str) -> Result<ApiKey, Fault> {
    let key = tx.keys().get(&caller.project_id, id).await?;
    key.filter(|key| key.revoked_at.is_none())
        .ok_or_else(|| Fault::not_found("key", id))
}
