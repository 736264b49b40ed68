//! API keys: shown once, stored as a hash, bound to one project.

use std::time::Duration;

use hanok_domain::fault::{Fault, FaultKind};
use hanok_domain::scope::Scopes;
use hanok_store::rows::keys::{ApiKey, NewKey as NewRow};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::access::Caller;
use crate::audit::{Deed, record};
use crate::secret;
use crate::studio::Studio;
use crate::time::rfc3339;
use crate::{Listed, PageRequest};

/// Prefix of every API key.
pub const KEY_PREFIX: &str = "hk_";
/// Characters of a key that are stored to recognise it by.
const SHOWN: usize = 10;
/// The longest that a key with an end may live.
const MOST_DAYS: u32 = 3650;

/// What a new key needs.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewKey {
    /// What it is for.
    pub name: String,
    /// What it may be used for, beside all that its owner may: `read-only`, `route:/PATH`, `model:NAME`;
    /// `rate:exempt` has no rate limits.
    #[serde(default)]
    pub scopes: Vec<String>,
    /// When it ends; never by itself without it.
    #[serde(default)]
    pub expires_in_days: Option<u32>,
}

/// A new key; the only time that it is seen.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CreatedKey {
    /// `key_…`.
    pub id: String,
    /// Always `key`.
    pub object: String,
    /// What it is for.
    pub name: String,
    /// Its first characters.
    pub prefix: String,
    /// What it may be used for.
    pub scopes: Vec<String>,
    /// RFC 3339.
    pub expires_at: Option<String>,
    /// The key itself.
    pub key: String,
}

/// A key as listed.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct KeyView {
    /// `key_…`.
    pub id: String,
    /// Always `key`.
    pub object: String,
    /// What it is for.
    pub name: String,
    /// Its first characters.
    pub prefix: String,
    /// What it may be used for.
    pub scopes: Vec<String>,
    /// RFC 3339.
    pub created_at: String,
    /// RFC 3339.
    pub expires_at: Option<String>,
    /// RFC 3339.
    pub last_used_at: Option<String>,
    /// RFC 3339.
    pub revoked_at: Option<String>,
}

impl Studio {
    /// Makes a key for the caller in their project.
    ///
    /// # Errors
    /// 403 for a caller who came with a key that is bounded itself: no key makes a wider one.
    pub async fn create_key(&self, caller: &Caller, new: NewKey) -> Result<CreatedKey, Fault> {
        if caller.scopes.bounded() {
            let text = "A key with scopes makes no keys.";
            return Err(Fault::new(FaultKind::Forbidden, "scope_denied", text));
        }
        let name = checked_name(&new)?;
        let lifetime = checked_lifetime(&new)?;
        let scopes = Scopes::parse(&new.scopes)
            .map_err(|text| Fault::invalid("invalid_scope", text).field("scopes"))?;
        if scopes.rate_exempt() && !caller.may_administer() {
            let text = "Only an administrator makes a key without rate limits.";
            return Err(Fault::new(FaultKind::Forbidden, "forbidden", text).field("scopes"));
        }
        let key = secret::generate(KEY_PREFIX)
            .map_err(|e| Fault::internal(format!("no random bytes: {e}")))?;
        let row = &NewRow {
            project_id: caller.project_id.clone(),
            user_id: caller.user_id.clone(),
            name,
            prefix: key[..SHOWN].to_owned(),
            hash: secret::hash(&key),
            scopes: new.scopes,
            lifetime,
        };
        let made: ApiKey = self
            .store()
            .write(|tx| async move {
                let made = tx.keys().insert(row).await?;
                let deed = Deed::done("key.create", "key", &made.id)
                    .detail(json!({ "name": made.name, "scopes": made.scopes }));
                record(&tx, caller, deed).await?;
                Ok::<_, Fault>(made)
            })
            .await?;
        Ok(CreatedKey {
            id: made.id,
            object: "key".to_owned(),
            name: made.name,
            prefix: made.prefix,
            scopes: made.scopes,
            expires_at: made.expires_at.map(rfc3339),
            key,
        })
    }

    /// The project's keys, newest first.
    pub async fn keys(&self, caller: &Caller, page: PageRequest) -> Result<Listed<KeyView>, Fault> {
        let (project, rows) = (&caller.project_id, &page.rows());
        let rows: Vec<ApiKey> = self
            .store()
            .read(|tx| async move { tx.keys().list(project, rows).await })
            .await?;
        Ok(page.listed(rows, |row| &row.id, view))
    }

    /// Revokes a key at once.
    pub async fn revoke_key(&self, caller: &Caller, id: &str) -> Result<(), Fault> {
        let project = &caller.project_id;
        let revoked = self
            .store()
            .write(|tx| async move {
                let revoked = tx.keys().revoke(project, id).await?;
                if revoked {
                    record(&tx, caller, Deed::done("key.revoke", "key", id)).await?;
                }
                Ok::<_, Fault>(revoked)
            })
            .await?;
        if revoked {
            Ok(())
        } else {
            Err(Fault::not_found("key", id))
        }
    }
}

fn checked_name(new: &NewKey) -> Result<String, Fault> {
    let name = new.name.trim();
    if name.is_empty() || name.chars().count() > 100 || name.chars().any(char::is_control) {
        let text = "A key's name has 1 to 100 characters and no control characters.";
        return Err(Fault::invalid("invalid_name", text).field("name"));
    }
    Ok(name.to_owned())
}

fn checked_lifetime(new: &NewKey) -> Result<Option<Duration>, Fault> {
    match new.expires_in_days {
        Some(days) if days == 0 || days > MOST_DAYS => {
            let text = format!("A key ends after 1 to {MOST_DAYS} days.");
            Err(Fault::invalid("invalid_lifetime", text).field("expires_in_days"))
        }
        days => Ok(days.map(|days| Duration::from_secs(u64::from(days) * 24 * 3600))),
    }
}

fn view(row: ApiKey) -> KeyView {
    KeyView {
        id: row.id,
        object: "key".to_owned(),
        name: row.name,
        prefix: row.prefix,
        scopes: row.scopes,
        created_at: rfc3339(row.created_at),
        expires_at: row.expires_at.map(rfc3339),
        last_used_at: row.last_used_at.map(rfc3339),
        revoked_at: row.revoked_at.map(rfc3339),
    }
}
