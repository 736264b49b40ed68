//! A key's successor: the same bounds, another secret; the old one ends after a while.

use std::time::Duration;

use hanok_domain::fault::{Fault, FaultKind};
use hanok_store::rows::keys::{ApiKey, NewKey as NewRow};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::create::{created, for_program, generate, only_administrators_exempt};
use super::list::find;
use super::{CreatedKey, SHOWN, may_make_keys};
use crate::access::Caller;
use crate::audit::{Deed, record};
use crate::secret;
use crate::studio::Studio;

/// The longest that both are good for.
const MOST_HOURS: u32 = 7 * 24;

/// How long the old key stays.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RotateKey {
    /// Hours for which the old key is still good, at most seven days; it ends at once without them.
    pub grace_hours: u32,
}

impl Studio {
    /// Makes a key's successor. What could be used before can be used with it, for as long again.
    ///
    /// # Errors
    /// 403 for the key of somebody else: who had its successor would act in their name.
    pub async fn rotate_key(
        &self,
        caller: &Caller,
        id: &str,
        how: RotateKey,
    ) -> Result<CreatedKey, Fault> {
        if how.grace_hours > MOST_HOURS {
            let text = format!("The old key stays for 0 to {MOST_HOURS} hours.");
            return Err(Fault::invalid("invalid_grace", text).field("grace_hours"));
        }
        let grace = Duration::from_secs(u64::from(how.grace_hours) * 3600);
        self.store()
            .write(|tx| async move {
                may_make_keys(&tx, caller).await?;
                let old = find(&tx, caller, id).await?;
                only_administrators_exempt(caller, &old.scopes)?;
                if old.user_id != caller.user_id
                    && for_program(&tx, caller, &old.user_id).await.is_err()
                {
                    let text = "A key is rotated by whom it stands for.";
                    return Err(Fault::new(FaultKind::Forbidden, "forbidden", text));
                }
                let now = tx.now().await?;
                if old.expires_at.is_some_and(|end| end <= now) {
                    let text = "The key has ended; make a new one.";
                    return Err(Fault::conflict("key_over", text));
                }
                let key = generate()?;
                let made = tx.keys().insert(&successor(old, &key)).await?;
                if grace.is_zero() {
                    tx.keys().revoke(&caller.project_id, id).await?;
                } else {
                    tx.keys().end_after(id, grace).await?;
                }
                let deed = Deed::done("key.rotate", "key", id)
                    .detail(json!({ "successor": made.id, "grace_hours": how.grace_hours }));
                record(&tx, caller, deed).await?;
                Ok(created(made, key))
            })
            .await
    }
}

/// The row of a successor: the same bounds, for as long again.
fn successor(old: ApiKey, key: &str) -> NewRow {
    let lifetime = old.expires_at.map(|end| end.saturating_sub(old.created_at));
    NewRow {
        project_id: old.project_id,
        user_id: old.user_id,
        name: old.name,
        prefix: key[..SHOWN].to_owned(),
        hash: secret::hash(key),
        scopes: old.scopes,
        limits: old.limits,
        lifetime: lifetime.map(|l| Duration::from_micros(l.unsigned_abs())),
    }
}
