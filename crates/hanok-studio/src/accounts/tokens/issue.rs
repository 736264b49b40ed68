//! The first pair of tokens: who proves who they are opens a session of tokens.

use hanok_domain::fault::{Fault, FaultKind};
use hanok_store::Tx;
use hanok_store::rows::refresh_tokens::NewRefreshToken;
use hanok_store::rows::sessions::NewSession;
use hanok_store::rows::users::User;
use serde::Deserialize;
use serde_json::json;

use super::access::Bearer;
use super::{ACCESS_LIFETIME, REFRESH_LIFETIME, REFRESH_PREFIX, SESSION_LIFETIME, TokenPair};
use crate::access::Origin;
use crate::accounts::{SECRET_PREFIX, SIGN_IN, SignIn, Subjects, check_lock, note_failure};
use crate::audit::{Deed, record_unsigned};
use crate::secret;
use crate::studio::Studio;
use crate::time::seconds;

/// What somebody proves who they are with.
#[derive(Debug, Deserialize)]
#[serde(tag = "grant_type", rename_all = "snake_case", deny_unknown_fields)]
pub enum Grant {
    /// A sign-in secret that the server printed.
    OneTimeSecret {
        /// `once_…`.
        secret: String,
    },
    /// Name and password, and a code where the account has a second factor.
    Password(SignIn),
}

/// A session that tokens are made for.
pub(super) struct Opened<'a> {
    pub(super) user_id: &'a str,
    pub(super) session_id: &'a str,
    pub(super) project_id: &'a str,
    /// When the session ends, µs UTC.
    pub(super) ends_at: i64,
}

impl Studio {
    /// Tokens for whoever proves who they are.
    ///
    /// # Errors
    /// `sign_in_failed`, the same whatever is wrong with the proof.
    pub async fn sign_in_for_tokens(
        &self,
        grant: &Grant,
        origin: &Origin,
    ) -> Result<TokenPair, Fault> {
        match grant {
            Grant::OneTimeSecret { secret } => self.redeem_for_tokens(secret, origin).await,
            Grant::Password(given) => {
                let user = self.authenticate(given, origin).await?;
                self.issue_tokens(&user, origin).await
            }
        }
    }

    async fn redeem_for_tokens(&self, given: &str, origin: &Origin) -> Result<TokenPair, Fault> {
        let given = given.trim();
        let hash = secret::well_formed(SECRET_PREFIX, given).then(|| secret::hash(given));
        let (hash, subjects) = (hash.as_deref(), &Subjects::of(origin));
        // A refusal is an answer here, not a fault: what is noted of it stays.
        self.store()
            .write(|tx| async move {
                check_lock(&tx, subjects).await?;
                let redeemed = match hash {
                    Some(hash) => tx.secrets().redeem(SIGN_IN, hash).await?,
                    None => None,
                };
                let user = match &redeemed {
                    Some(redeemed) => tx.users().get(&redeemed.user_id).await?,
                    None => None,
                };
                match user.filter(User::is_open) {
                    Some(user) => self.open_tokens(&tx, &user, origin).await.map(Ok),
                    None => {
                        record_unsigned(&tx, None, origin, Deed::failed("token.issue")).await?;
                        note_failure(&tx, subjects).await?;
                        Ok::<_, Fault>(Err(failed()))
                    }
                }
            })
            .await?
    }

    /// Tokens for an account that has proved who it is, second factor and all.
    ///
    /// # Errors
    /// An account that is disabled or in no project.
    pub async fn issue_tokens(&self, user: &User, origin: &Origin) -> Result<TokenPair, Fault> {
        self.store()
            .write(|tx| async move { self.open_tokens(&tx, user, origin).await })
            .await
    }

    /// Opens a session of tokens in this transaction.
    async fn open_tokens(&self, tx: &Tx, user: &User, origin: &Origin) -> Result<TokenPair, Fault> {
        let known = tx.callers().of_user(&user.id).await?;
        let known = known.ok_or_else(failed)?;
        let new = NewSession {
            user_id: user.id.clone(),
            // Of a token that nobody has: this session is no cookie's.
            token_hash: secret::hash(&fresh("")?),
            lifetime: SESSION_LIFETIME,
            user_agent: origin.user_agent.clone(),
            address: origin.address.clone(),
            method: "token".to_owned(),
        };
        let session = tx.sessions().insert(&new).await?;
        let deed = Deed::done("token.issue", "session", &session.id)
            .detail(json!({ "project": known.project_id }));
        record_unsigned(tx, Some((&user.id, &user.name)), origin, deed).await?;
        let opened = Opened {
            user_id: &user.id,
            session_id: &session.id,
            project_id: &known.project_id,
            ends_at: session.expires_at,
        };
        self.next_pair(tx, &opened).await
    }

    /// The next pair of a session.
    pub(super) async fn next_pair(&self, tx: &Tx, of: &Opened<'_>) -> Result<TokenPair, Fault> {
        let refresh = fresh(REFRESH_PREFIX)?;
        let now = tx.now().await?;
        let left = u64::try_from(of.ends_at - now).unwrap_or(0);
        let lifetime = REFRESH_LIFETIME.min(std::time::Duration::from_micros(left));
        let new = NewRefreshToken {
            session_id: of.session_id.to_owned(),
            user_id: of.user_id.to_owned(),
            project_id: of.project_id.to_owned(),
            hash: secret::hash(&refresh),
            lifetime,
        };
        tx.refresh_tokens().insert(&new).await?;
        let bearer = Bearer {
            user: of.user_id,
            session: of.session_id,
            project: of.project_id,
        };
        Ok(TokenPair {
            object: "token",
            access_token: self.credentials().access.issue(&bearer, seconds(now))?,
            token_type: "Bearer",
            expires_in: ACCESS_LIFETIME.as_secs(),
            refresh_token: refresh,
            refresh_expires_in: lifetime.as_secs(),
        })
    }
}

fn fresh(prefix: &str) -> Result<String, Fault> {
    secret::generate(prefix).map_err(|e| Fault::internal(format!("no random bytes: {e}")))
}

fn failed() -> Fault {
    Fault::new(
        FaultKind::Unauthenticated,
        "sign_in_failed",
        "This secret is not valid, or was used before.",
    )
    .remedy("Make a new one on the server with 'hanok user secret'.")
}
