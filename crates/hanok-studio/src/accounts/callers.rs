//! From a credential to a caller in a project. An unknown, expired, revoked or disabled one is simply nobody;
//! a project that somebody names and is no member of is not there.

use hanok_domain::fault::Fault;
use hanok_store::Tx;
use hanok_store::rows::callers::{KnownCaller, OfToken};

use super::tokens::looks_like_one;
use super::{SESSION_IDLE, bootstrap};
use crate::access::{Approach, Caller, Credential, Origin};
use crate::keys::KEY_PREFIX;
use crate::secret;
use crate::studio::Studio;
use crate::time::seconds;

/// `last_seen_at` and `last_used_at` are written at most this often, µs.
const TOUCH_EVERY: i64 = 60_000_000;

impl Studio {
    /// The caller of a session token, in the project that the session is in.
    pub async fn caller_of_session(&self, token: &str) -> Result<Option<Caller>, Fault> {
        self.session_caller(token, &Approach::default()).await
    }

    /// The caller of a bearer credential of any kind.
    pub async fn caller_of_bearer(&self, text: &str) -> Result<Option<Caller>, Fault> {
        self.bearer_caller(text, &Approach::default()).await
    }

    /// The caller of an API key.
    pub async fn caller_of_key(&self, key: &str) -> Result<Option<Caller>, Fault> {
        self.key_caller(key, &Approach::default()).await
    }

    /// The caller of the local token, in their own project.
    pub async fn local_caller(&self) -> Result<Caller, Fault> {
        self.local_caller_in(&Approach::default()).await
    }

    /// The caller of a session token.
    ///
    /// # Errors
    /// 404 for a project that they are no member of.
    pub async fn session_caller(
        &self,
        token: &str,
        approach: &Approach<'_>,
    ) -> Result<Option<Caller>, Fault> {
        let (hash, named) = (&secret::hash(token), approach.project.unwrap_or_default());
        let found = self
            .store()
            .look(|tx| async move {
                let known = tx.callers().of_session(hash, named).await?;
                with_silence(&tx, known).await
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
        caller(known, Credential::Session { id }, approach).map(Some)
    }

    /// The caller of an access token, in the token's own project if the request names no other. The token
    /// says whose it is; its session's row decides whether it still is, so that what ends a session ends its
    /// tokens at once.
    ///
    /// # Errors
    /// 404 for a project that they are no member of.
    pub async fn token_caller(
        &self,
        token: &str,
        approach: &Approach<'_>,
    ) -> Result<Option<Caller>, Fault> {
        let named = approach.project.unwrap_or_default();
        let found = self
            .store()
            .look(|tx| async move {
                let now = tx.now().await?;
                let Some(claims) = self.credentials().access.read(token, seconds(now)) else {
                    return Ok::<_, Fault>(None);
                };
                let of = OfToken {
                    session: &claims.sid,
                    user: &claims.sub,
                    project: &claims.project,
                    named,
                };
                let known = tx.callers().of_token(&of).await?;
                Ok(known.map(|known| (now - known.used_at, known)))
            })
            .await?;
        let Some((silent, known)) = found else {
            return Ok(None);
        };
        if silent > TOUCH_EVERY {
            let session = &known.credential_id;
            self.store()
                .write(|tx| async move { tx.sessions().touch(session).await })
                .await?;
        }
        let id = known.credential_id.clone();
        caller(known, Credential::Token { id }, approach).map(Some)
    }

    /// The caller of a bearer credential of any kind.
    ///
    /// # Errors
    /// 404 for a project that it does not open.
    pub async fn bearer_caller(
        &self,
        text: &str,
        approach: &Approach<'_>,
    ) -> Result<Option<Caller>, Fault> {
        match looks_like_one(text) {
            true => self.token_caller(text, approach).await,
            false => self.key_caller(text, approach).await,
        }
    }

    /// The caller of an API key, which opens one project alone.
    ///
    /// # Errors
    /// 404 where the request names another one.
    pub async fn key_caller(
        &self,
        key: &str,
        approach: &Approach<'_>,
    ) -> Result<Option<Caller>, Fault> {
        if !secret::well_formed(KEY_PREFIX, key) {
            return Ok(None);
        }
        let hash = &secret::hash(key);
        let found = self
            .store()
            .look(|tx| async move {
                let known = tx.callers().of_key(hash).await?;
                with_silence(&tx, known).await
            })
            .await?;
        let Some((known, silent)) = found else {
            return Ok(None);
        };
        if silent > TOUCH_EVERY {
            let (key, address) = (&known.credential_id, approach.address);
            self.store()
                .write(|tx| async move { tx.keys().touch(key, address).await })
                .await?;
        }
        let id = known.credential_id.clone();
        caller(known, Credential::Key { id }, approach).map(Some)
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
    ///
    /// # Errors
    /// 404 for a project that the administrator is no member of.
    pub async fn local_caller_in(&self, approach: &Approach<'_>) -> Result<Caller, Fault> {
        let named = approach.project.unwrap_or_default();
        let known = self
            .store()
            .look(|tx| async move { tx.callers().administrator(named).await })
            .await?;
        let known = known.ok_or_else(bootstrap::no_administrator)?;
        caller(known, Credential::Local, approach)
    }
}

/// With the time since the credential was last noted as used, µs.
async fn with_silence(
    tx: &Tx,
    known: Option<KnownCaller>,
) -> Result<Option<(KnownCaller, i64)>, Fault> {
    let Some(known) = known else {
        return Ok(None);
    };
    let silent = tx.now().await? - known.used_at;
    Ok(Some((known, silent)))
}

fn caller(
    known: KnownCaller,
    credential: Credential,
    approach: &Approach<'_>,
) -> Result<Caller, Fault> {
    if let Some(other) = approach.project.filter(|named| *named != known.project_id) {
        return Err(Fault::not_found("project", other)
            .remedy("The header OpenAI-Project names one of your projects, or is left out."));
    }
    Ok(Caller {
        user_id: known.user_id,
        user_name: known.user_name,
        user_role: known.user_role,
        project_id: known.project_id,
        project_name: known.project_name,
        project_role: known.project_role,
        credential,
        scopes: known.scopes,
        limits: known.limits,
        second_factor: known.second_factor,
        origin: Origin::default(),
    })
}
