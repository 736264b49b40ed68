//! From a credential to a caller. An unknown, expired, revoked or disabled one is simply nobody.

use hanok_domain::fault::Fault;
use hanok_domain::role::MemberRole;
use hanok_store::Tx;
use hanok_store::rows::users::User;

use super::{SESSION_IDLE, bootstrap};
use crate::access::{Caller, Credential};
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
            .read(|tx| async move {
                let Some(session) = tx.sessions().by_token(hash).await? else {
                    return Ok::<_, Fault>(None);
                };
                let silent = tx.now().await? - session.last_seen_at;
                let idle = i64::try_from(SESSION_IDLE.as_micros()).unwrap_or(i64::MAX);
                if silent > idle {
                    return Ok(None);
                }
                let Some(user) = tx.users().get(&session.user_id).await? else {
                    return Ok(None);
                };
                let credential = Credential::Session {
                    id: session.id.clone(),
                };
                let caller = caller(&tx, user, None, credential).await?;
                Ok(caller.map(|c| (c, session.id, silent > TOUCH_EVERY)))
            })
            .await?;
        let Some((caller, session, touch)) = found else {
            return Ok(None);
        };
        if touch {
            let session = &session;
            self.store()
                .write(|tx| async move { tx.sessions().touch(session).await })
                .await?;
        }
        Ok(Some(caller))
    }

    /// The caller of an API key.
    pub async fn caller_of_key(&self, key: &str) -> Result<Option<Caller>, Fault> {
        if !secret::well_formed(KEY_PREFIX, key) {
            return Ok(None);
        }
        let hash = &secret::hash(key);
        let found = self
            .store()
            .read(|tx| async move {
                let Some(key) = tx.keys().by_hash(hash).await? else {
                    return Ok::<_, Fault>(None);
                };
                let Some(user) = tx.users().get(&key.user_id).await? else {
                    return Ok(None);
                };
                let silent = tx.now().await? - key.last_used_at.unwrap_or(0);
                let credential = Credential::Key { id: key.id.clone() };
                let caller = caller(&tx, user, Some(&key.project_id), credential).await?;
                Ok(caller.map(|c| (c, key.id, silent > TOUCH_EVERY)))
            })
            .await?;
        let Some((caller, key, touch)) = found else {
            return Ok(None);
        };
        if touch {
            let key = &key;
            self.store()
                .write(|tx| async move { tx.keys().touch(key).await })
                .await?;
        }
        Ok(Some(caller))
    }

    /// The caller of the local token: whoever can read the data directory is its administrator.
    pub async fn local_caller(&self) -> Result<Caller, Fault> {
        self.store()
            .read(|tx| async move {
                let user = bootstrap::admin(&tx).await?;
                let caller = caller(&tx, user, None, Credential::Local).await?;
                caller.ok_or_else(|| Fault::internal("the administrator has no project"))
            })
            .await
    }
}

/// The caller in the project named, or else in their first one.
async fn caller(
    tx: &Tx,
    user: User,
    project: Option<&str>,
    credential: Credential,
) -> Result<Option<Caller>, Fault> {
    if user.disabled_at.is_some() {
        return Ok(None);
    }
    let membership: Option<(String, MemberRole)> = match project {
        Some(id) => {
            let role = tx.projects().role(id, &user.id).await?;
            role.map(|role| (id.to_owned(), role))
        }
        None => {
            let mut projects = tx.projects().of_user(&user.id).await?.into_iter();
            projects.next().map(|(project, role)| (project.id, role))
        }
    };
    Ok(membership.map(|(project_id, project_role)| Caller {
        user_id: user.id,
        user_name: user.name,
        user_role: user.role,
        project_id,
        project_role,
        credential,
    }))
}
