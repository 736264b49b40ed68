//! API keys: shown once, stored as a hash, bound to one project.

mod admin;
mod create;
mod list;
mod rotate;

use std::time::Duration;

use hanok_domain::fault::{Fault, FaultKind};
use hanok_domain::limits::KeyLimits;
use hanok_store::Tx;
use hanok_store::rows::keys::ApiKey;
use serde::{Deserialize, Serialize};

use crate::access::{Caller, Credential};
use crate::time::rfc3339;

pub(crate) use create::Holder;
pub use rotate::RotateKey;

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
    /// What it may use up.
    #[serde(default)]
    pub limits: KeyLimits,
    /// The service account of the project that it is for; the caller without one.
    #[serde(default)]
    pub service_account: Option<String>,
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
    /// What it may use up.
    pub limits: KeyLimits,
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
    /// The project that it opens.
    pub project_id: String,
    /// The account that it stands for.
    pub user_id: String,
    /// What it is for.
    pub name: String,
    /// Its first characters.
    pub prefix: String,
    /// What it may be used for.
    pub scopes: Vec<String>,
    /// What it may use up.
    pub limits: KeyLimits,
    /// RFC 3339.
    pub created_at: String,
    /// RFC 3339.
    pub expires_at: Option<String>,
    /// RFC 3339.
    pub last_used_at: Option<String>,
    /// Address that it was last used from.
    pub last_used_from: Option<String>,
    /// RFC 3339.
    pub revoked_at: Option<String>,
}

fn view(row: ApiKey) -> KeyView {
    KeyView {
        id: row.id,
        object: "key".to_owned(),
        project_id: row.project_id,
        user_id: row.user_id,
        name: row.name,
        prefix: row.prefix,
        scopes: row.scopes,
        limits: row.limits,
        created_at: rfc3339(row.created_at),
        expires_at: row.expires_at.map(rfc3339),
        last_used_at: row.last_used_at.map(rfc3339),
        last_used_from: row.last_used_from,
        revoked_at: row.revoked_at.map(rfc3339),
    }
}

/// Refuses a key that would make a wider one than itself: it has bounds, or an end.
async fn may_make_keys(tx: &Tx, caller: &Caller) -> Result<(), Fault> {
    let refused = |text: &str| Err(Fault::new(FaultKind::Forbidden, "scope_denied", text));
    if caller.scopes.bounded() || caller.limits.any() {
        return refused("A key with scopes or limits makes no keys.");
    }
    let Credential::Key { id } = &caller.credential else {
        return Ok(());
    };
    let own = tx.keys().get(&caller.project_id, id).await?;
    match own.is_some_and(|key| key.expires_at.is_none()) {
        true => Ok(()),
        false => refused("A key that ends makes no keys."),
    }
}

fn checked_lifetime(days: Option<u32>) -> Result<Option<Duration>, Fault> {
    match days {
        Some(days) if days == 0 || days > MOST_DAYS => {
            let text = format!("A key ends after 1 to {MOST_DAYS} days.");
            Err(Fault::invalid("invalid_lifetime", text).field("expires_in_days"))
        }
        days => Ok(days.map(|days| Duration::from_secs(u64::from(days) * 24 * 3600))),
    }
}
