//! Writing a row: who, from the caller; what, from the use case.

use hanok_domain::audit::{Actor, Outcome};
use hanok_store::rows::audit::NewEntry;
use hanok_store::{StoreError, Tx};
use serde_json::Value;

use crate::access::{Caller, Credential};

/// What was done.
#[derive(Debug, Clone)]
pub struct Deed<'a> {
    /// `noun.verb`.
    pub action: &'a str,
    /// Kind and id of what it was done to.
    pub object: Option<(&'a str, &'a str)>,
    /// How it ended.
    pub outcome: Outcome,
    /// What else is worth knowing; never a secret.
    pub detail: Value,
}

impl<'a> Deed<'a> {
    /// Something that was done to an object.
    pub fn done(action: &'a str, kind: &'a str, id: &'a str) -> Self {
        Self {
            action,
            object: Some((kind, id)),
            outcome: Outcome::Done,
            detail: Value::Null,
        }
    }

    /// With more to know about it.
    #[must_use]
    pub fn detail(mut self, detail: Value) -> Self {
        self.detail = detail;
        self
    }
}

/// Adds a row to the transaction; where it fails, what is around it fails.
///
/// # Errors
/// Of the database.
pub async fn record(tx: &Tx, caller: &Caller, deed: Deed<'_>) -> Result<(), StoreError> {
    let (actor, credential_id) = credential(&caller.credential);
    tx.audit()
        .insert(&NewEntry {
            project_id: Some(caller.project_id.clone()),
            actor,
            actor_id: Some(caller.user_id.clone()),
            actor_name: caller.user_name.clone(),
            credential_id,
            action: deed.action.to_owned(),
            object_kind: deed.object.map(|(kind, _)| kind.to_owned()),
            object_id: deed.object.map(|(_, id)| id.to_owned()),
            outcome: deed.outcome,
            address: caller.origin.address.clone(),
            user_agent: caller.origin.user_agent.clone(),
            request_id: caller.origin.request_id.clone(),
            detail: deed.detail,
        })
        .await
}

fn credential(credential: &Credential) -> (Actor, Option<String>) {
    match credential {
        Credential::Session { id } => (Actor::Session, Some(id.clone())),
        Credential::Token { id } => (Actor::Token, Some(id.clone())),
        Credential::Key { id } => (Actor::Key, Some(id.clone())),
        Credential::Local => (Actor::Local, None),
    }
}
