//! Writing a row: who, from the caller; what, from the use case.

use hanok_domain::audit::{Actor, Outcome};
use hanok_store::rows::audit::NewEntry;
use hanok_store::{StoreError, Tx};
use serde_json::Value;

use crate::access::{Caller, Credential, Origin};

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

    /// Something that was tried and did not succeed.
    pub fn failed(action: &'a str) -> Self {
        Self {
            action,
            object: None,
            outcome: Outcome::Failed,
            detail: Value::Null,
        }
    }

    /// Something that was not permitted.
    pub fn denied(action: &'a str) -> Self {
        Self {
            outcome: Outcome::Denied,
            ..Self::failed(action)
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
    let who = Who {
        project_id: Some(&caller.project_id),
        actor,
        account: Some((&caller.user_id, &caller.user_name)),
        credential_id,
    };
    tx.audit().insert(&entry(who, &caller.origin, deed)).await
}

/// Adds a row about somebody who has no credential (yet): who signs in, or tries to, who asks for a new
/// password. `account` is id and name, where it is known whose it is.
///
/// # Errors
/// Of the database.
pub async fn record_unsigned(
    tx: &Tx,
    account: Option<(&str, &str)>,
    origin: &Origin,
    deed: Deed<'_>,
) -> Result<(), StoreError> {
    let who = Who {
        project_id: None,
        actor: Actor::Nobody,
        account,
        credential_id: None,
    };
    tx.audit().insert(&entry(who, origin, deed)).await
}

/// Adds a row about what the program does by itself, or for a command that holds the data directory.
///
/// # Errors
/// Of the database.
pub async fn record_system(tx: &Tx, deed: Deed<'_>) -> Result<(), StoreError> {
    let who = Who {
        project_id: None,
        actor: Actor::System,
        account: None,
        credential_id: None,
    };
    tx.audit()
        .insert(&entry(who, &Origin::default(), deed))
        .await
}

struct Who<'a> {
    project_id: Option<&'a str>,
    actor: Actor,
    account: Option<(&'a str, &'a str)>,
    credential_id: Option<String>,
}

fn entry(who: Who<'_>, origin: &Origin, deed: Deed<'_>) -> NewEntry {
    let (id, name) = who.account.unzip();
    NewEntry {
        project_id: who.project_id.map(str::to_owned),
        actor: who.actor,
        actor_id: id.map(str::to_owned),
        actor_name: name.unwrap_or_default().to_owned(),
        credential_id: who.credential_id,
        action: deed.action.to_owned(),
        object_kind: deed.object.map(|(kind, _)| kind.to_owned()),
        object_id: deed.object.map(|(_, id)| id.to_owned()),
        outcome: deed.outcome,
        address: origin.address.clone(),
        user_agent: origin.user_agent.clone(),
        request_id: origin.request_id.clone(),
        detail: deed.detail,
    }
}

fn credential(credential: &Credential) -> (Actor, Option<String>) {
    match credential {
        Credential::Session { id } => (Actor::Session, Some(id.clone())),
        Credential::Token { id } => (Actor::Token, Some(id.clone())),
        Credential::Key { id } => (Actor::Key, Some(id.clone())),
        Credential::Local => (Actor::Local, None),
    }
}
