//! A row as surfaces show it.

use hanok_store::rows::audit::Entry;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::time::rfc3339;

/// A row of the log.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AuditView {
    /// `aud_…`.
    pub id: String,
    /// Always `audit.row`.
    pub object: String,
    /// RFC 3339.
    pub at: String,
    /// The project that it happened in, if in one.
    pub project: Option<String>,
    /// `session`, `token`, `key`, `local`, `system` or `nobody`.
    pub actor: String,
    /// The account.
    pub actor_id: Option<String>,
    /// Its name then.
    pub actor_name: String,
    /// The key or session.
    pub credential_id: Option<String>,
    /// `noun.verb`.
    pub action: String,
    /// Kind of what it was done to.
    pub object_kind: Option<String>,
    /// Its id.
    pub object_id: Option<String>,
    /// `done`, `denied` or `failed`.
    pub outcome: String,
    /// Address of the client.
    pub address: String,
    /// The client, as it calls itself.
    pub user_agent: String,
    /// Id of the request.
    pub request_id: String,
    /// What else is worth knowing.
    pub detail: Value,
    /// Its place in the chain, once it is sealed.
    pub seq: Option<i64>,
    /// Its link of the chain, once it is sealed.
    pub hash: Option<String>,
}

impl From<Entry> for AuditView {
    fn from(row: Entry) -> Self {
        let told = row.told;
        Self {
            id: row.id,
            object: "audit.row".to_owned(),
            at: rfc3339(row.at),
            project: told.project_id,
            actor: told.actor.as_str().to_owned(),
            actor_id: told.actor_id,
            actor_name: told.actor_name,
            credential_id: told.credential_id,
            action: told.action,
            object_kind: told.object_kind,
            object_id: told.object_id,
            outcome: told.outcome.as_str().to_owned(),
            address: told.address,
            user_agent: told.user_agent,
            request_id: told.request_id,
            detail: told.detail,
            seq: row.seq,
            hash: row.hash,
        }
    }
}
