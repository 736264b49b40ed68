//! The keys of all projects, for administrators.

use hanok_domain::fault::{Fault, FaultKind};
use hanok_store::rows::keys::ApiKey;

use super::{KeyView, view};
use crate::access::Caller;
use crate::audit::{Deed, record};
use crate::studio::Studio;
use crate::{Listed, PageRequest};

impl Studio {
    /// The keys of all projects, newest first.
    pub async fn all_keys(
        &self,
        caller: &Caller,
        page: PageRequest,
    ) -> Result<Listed<KeyView>, Fault> {
        administrator(caller)?;
        let rows = &page.rows();
        let rows: Vec<ApiKey> = self
            .store()
            .read(|tx| async move { tx.keys().list_all(rows).await })
            .await?;
        Ok(page.listed(rows, |row| &row.id, view))
    }

    /// Revokes a key of any project at once.
    pub async fn revoke_any_key(&self, caller: &Caller, id: &str) -> Result<(), Fault> {
        administrator(caller)?;
        self.store()
            .write(|tx| async move {
                let absent = || Fault::not_found("key", id);
                let key = tx.keys().by_id(id).await?.ok_or_else(absent)?;
                if !tx.keys().revoke(&key.project_id, id).await? {
                    return Err(absent());
                }
                let here = caller.within(&key.project_id);
                record(&tx, &here, Deed::done("key.revoke", "key", id)).await?;
                Ok(())
            })
            .await
    }
}

fn administrator(caller: &Caller) -> Result<(), Fault> {
    match caller.may_administer() {
        true => Ok(()),
        false => Err(Fault::new(
            FaultKind::Forbidden,
            "forbidden",
            "Only an administrator sees the keys of all projects.",
        )),
    }
}
