//! The audit log: who did what, written in the transaction of what was done. Rows are added and sealed, never
//! changed otherwise. Looking for rows stands in `search`, the chain in `chain`.

use hanok_domain::audit::{Actor, Outcome};
use hanok_domain::id;
use serde::Serialize;
use serde_json::Value;

use crate::entities::audit;
use crate::{StoreError, Tx, json};

mod chain;
mod link;
mod search;

pub use chain::{Head, Link};
pub use link::{GENESIS, Sealable};
pub use search::{Filter, Found, Part};

/// A row of the log.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Entry {
    /// `aud_…`.
    pub id: String,
    /// µs UTC.
    pub at: i64,
    /// What was done by whom, to what, and from where.
    #[serde(flatten)]
    pub told: NewEntry,
    /// Its place in the chain, once it is sealed.
    pub seq: Option<i64>,
    /// Its link of the chain, once it is sealed.
    pub hash: Option<String>,
}

/// What a new row tells.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct NewEntry {
    /// The project that it happened in, if in one.
    pub project_id: Option<String>,
    /// By what kind of credential.
    pub actor: Actor,
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
    /// How it ended.
    pub outcome: Outcome,
    /// Address of the client.
    pub address: String,
    /// The client, as it calls itself.
    pub user_agent: String,
    /// Id of the request.
    pub request_id: String,
    /// What else is worth knowing; never a secret.
    pub detail: Value,
}

/// Access to the log.
pub struct Audit<'t>(pub(crate) &'t Tx);

impl Audit<'_> {
    /// Adds a row; without it the transaction around it fails too.
    pub async fn insert(&self, new: &NewEntry) -> Result<(), StoreError> {
        let told = new.clone();
        self.0
            .insert(audit::Model {
                id: id::new(id::AUDIT),
                at: self.0.now().await?,
                project_id: told.project_id,
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
                detail: told.detail.to_string(),
                seq: None,
                hash: None,
            })
            .await
    }
}

impl From<audit::Model> for Entry {
    fn from(row: audit::Model) -> Self {
        Self {
            id: row.id,
            at: row.at,
            told: NewEntry {
                project_id: row.project_id,
                actor: Actor::parse(&row.actor),
                actor_id: row.actor_id,
                actor_name: row.actor_name,
                credential_id: row.credential_id,
                action: row.action,
                object_kind: row.object_kind,
                object_id: row.object_id,
                outcome: Outcome::parse(&row.outcome),
                address: row.address,
                user_agent: row.user_agent,
                request_id: row.request_id,
                detail: json::read(&row.detail, "audit.detail"),
            },
            seq: row.seq,
            hash: row.hash,
        }
    }
}
