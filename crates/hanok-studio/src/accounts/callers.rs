//! From a credential to a caller. An unknown, expired, revoked or disabled one is simply nobody.

use hanok_domain::fault::Fault;
use hanok_store::rows::callers::KnownCaller;

use super::{SESSION_IDLE, bootstrap};
use crate::access::{Caller, Credential, Origin};
use crate::keys::KEY_PREFIX;
use crate::secret;
use crate::studio::Studio;

/// `last_seen_at` and `last_used_at` are written at most this often, µs.
const TOUCH_EVERY: i64 = 60_000_000;

impl Studio {
    /// The caller of a session token.
    pub async fn caller_of_session(&self, token: &str) -> Result<Option<Caller>, Fault> {
        let hash = &secret::hash(token);
        let found = self
            .store()
            .look(|tx| async move {
                let Some(known) = tx.callers().of_session(hash).await? else {
                    return Ok::<_, Fault>(None);
                };
                let silent = tx.now().await? - known.used_at;
                Ok(Some((known, silent)))
            })
            .await?;
        let idle = i64::try_from(SESSION_IDLE.as_micros()).unwrap_or(i64::MAX);
        let Some((known, silent)) = found.filter(|(_, silent)| *silent <= idle) else {
            return Ok(None);
        };
        if silent > TOUCH_EVERY {
            let session = &known.credential_id;
            self.store()
                .write(|tx| async move { tx.sessions().touch(session).await })
                .await?;
        }
        let id = known.credential_id.clone();
        Ok(Some(caller(known, Credential::Session { id })))
    }

    /// The caller of an API key.
    pub async fn caller_of_key(&self, key: &str) -> Result<Option<Caller>, Fault> {
        if !secret::well_formed(KEY_PREFIX, key) {
            return Ok(None);
        }
        let hash = &secret::hash(key);
        let found = self
            .store()
            .look(|tx| async move {
                let Some(known) = tx.callers().of_key(hash).await? else {
                    return Ok::<_, Fault>(None);
                };
                let silent = tx.now().await? - known.used_at;
                Ok(Some((known, silent)))
            })
            .await?;
        let Some((known, silent)) = found else {
            return Ok(None);
        };
        if silent > TOUCH_EVERY {
            let key = &known.credential_id;
            self.store()
                .write(|tx| async move { tx.keys().touch(key).await })
                .await?;
        }
        let id = known.credential_id.clone();
        Ok(Some(caller(known, Credential::Key { id })))
    }

    /// Whether the caller's credential is as good as it was: for answers that go on for long.
    pub async fn still_holds(&self, caller: &Caller) -> Result<bool, Fault> {
        let project = &caller.project_id;
        let used = self.store().look(|tx| async move {
            let idle =
                tx.now().await? - i64::try_from(SESSION_IDLE.as_micros()).unwrap_or(i64::MAX);
            let callers = tx.callers();
            let holds = match &caller.credential {
                Credential::Session { id } | Credential::Token { id } => {
                    let seen = callers.session_holds(id, project).await?;
                    seen.is_some_and(|seen| seen >= idle)
                }
                Credential::Key { id } => callers.key_holds(id, project).await?.is_some(),
                Credential::Local => true,
            };
            Ok::<_, Fault>(holds)
        });
        used.await
    }

    /// Whether a change may concern this caller's credential.
    pub fn concerns_credential(caller: &Caller, topic: &str) -> bool {
        let id = topic.strip_prefix("account:");
        let key = caller.key_id();
        id.is_some_and(|id| id == caller.user_id || Some(id) == key)
    }

    /// The caller of the local token: whoever can read the data directory is its administrator.
    pub async fn local_caller(&self) -> Result<Caller, Fault> {
        let known = self
            .store()
            .look(|tx| async move { tx.callers().administrator().await })
            .await?;
        let known = known.ok_or_else(bootstrap::no_administrator)?;
        Ok(caller(known, Credential::Local))
    }
}

fn caller(known: KnownCaller, credential: Credential) -> Caller {
    Caller {
        user_id: known.user_id,
        user_name: known.user_name,
        user_role: known.user_role,
        project_id: known.project_id,
        project_role: known.project_role,
        credential,
        scopes: known.scopes,
        origin: Origin::default(),
    }
}
