//! API keys: shown once, stored as a hash, bound to one project.

use hanok_domain::fault::Fault;
use hanok_store::rows::keys::{ApiKey, NewKey as NewRow};
use serde::{Deserialize, Serialize};

use crate::access::Caller;
use crate::secret;
use crate::studio::Studio;
use crate::time::rfc3339;
use crate::{Listed, PageRequest};

/// Prefix of every API key.
pub const KEY_PREFIX: &str = "hk_";
/// Characters of a key that are stored to recognise it by.
const SHOWN: usize = 10;

/// What a new key needs.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewKey {
    /// What it is for.
    pub name: String,
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
    /// RFC 3339.
    pub created_at: String,
    /// RFC 3339.
    pub last_used_at: Option<String>,
    /// RFC 3339.
    pub revoked_at: Option<String>,
}

impl Studio {
    /// Makes a key for the caller in their project.
    pub async fn create_key(&self, caller: &Caller, new: NewKey) -> Result<CreatedKey, Fault> {
        let name = new.name.trim().to_owned();
        if name.is_empty() || name.chars().count() > 100 {
            return Err(
                Fault::invalid("invalid_name", "A key's name has 1 to 100 characters.")
                    .field("name"),
            );
        }
        let key = secret::generate(KEY_PREFIX)
            .map_err(|e| Fault::internal(format!("no random bytes: {e}")))?;
        let row = &NewRow {
            project_id: caller.project_id.clone(),
            user_id: caller.user_id.clone(),
            name,
            prefix: key[..SHOWN].to_owned(),
            hash: secret::hash(&key),
            scopes: Vec::new(),
            lifetime: None,
        };
        let made: ApiKey = self
            .store()
            .write(|tx| async move { tx.keys().insert(row).await })
            .await?;
        Ok(CreatedKey {
            id: made.id,
            object: "key".to_owned(),
            name: made.name,
            prefix: made.prefix,
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
            .write(|tx| async move { tx.keys().revoke(project, id).await })
            .await?;
        if revoked {
            Ok(())
        } else {
            Err(Fault::not_found("key", id))
        }
    }
}

fn view(row: ApiKey) -> KeyView {
    KeyView {
        id: row.id,
        object: "key".to_owned(),
        name: row.name,
        prefix: row.prefix,
        created_at: rfc3339(row.created_at),
        last_used_at: row.last_used_at.map(rfc3339),
        revoked_at: row.revoked_at.map(rfc3339),
    }
}
