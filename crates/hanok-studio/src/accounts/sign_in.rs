//! Sign-in by one-time secret, and sign-out.

use hanok_domain::fault::{Fault, FaultKind};
use hanok_store::rows::sessions::NewSession;
use serde_json::json;

use super::{SECRET_PREFIX, SESSION_LIFETIME, SESSION_PREFIX, SIGN_IN};
use crate::access::Origin;
use crate::audit::{Deed, Denial, record_unsigned};
use crate::secret;
use crate::studio::Studio;

/// What is kept of a browser's name.
const MAX_AGENT: usize = 200;

impl Studio {
    /// Redeems a secret; returns the token of the new session.
    ///
    /// # Errors
    /// `sign_in_failed`, the same for a wrong, used or expired secret.
    pub async fn sign_in(
        &self,
        given: &str,
        user_agent: &str,
        address: &str,
    ) -> Result<String, Fault> {
        let given = given.trim();
        let origin = &Origin {
            address: address.to_owned(),
            user_agent: user_agent.chars().take(MAX_AGENT).collect(),
            request_id: String::new(),
        };
        let denied = || self.refuse(origin, given);
        let denied = &denied;
        if !secret::well_formed(SECRET_PREFIX, given) {
            return Err(denied());
        }
        let hash = &secret::hash(given);
        let token = &secret::generate(SESSION_PREFIX)
            .map_err(|e| Fault::internal(format!("no random bytes: {e}")))?;
        self.store()
            .write(|tx| async move {
                let redeemed = tx.secrets().redeem(SIGN_IN, hash).await?;
                let redeemed = redeemed.ok_or_else(denied)?;
                let user = tx.users().get(&redeemed.user_id).await?;
                let name = user.map(|user| user.name).unwrap_or_default();
                let session = NewSession {
                    user_id: redeemed.user_id,
                    token_hash: secret::hash(token),
                    lifetime: SESSION_LIFETIME,
                    user_agent: origin.user_agent.clone(),
                    address: address.to_owned(),
                };
                let session = tx.sessions().insert(&session).await?;
                let deed = Deed::done("session.sign_in", "session", &session.id)
                    .detail(json!({ "by": "one-time secret" }));
                let account = Some((session.user_id.as_str(), name.as_str()));
                Ok::<_, Fault>(record_unsigned(&tx, account, origin, deed).await?)
            })
            .await?;
        Ok(token.clone())
    }

    /// Counts an attempt for the audit log.
    fn refuse(&self, origin: &Origin, given: &str) -> Fault {
        let fault = failed();
        self.note_denial(Denial {
            origin: origin.clone(),
            caller: None,
            credential: Some(given.to_owned()),
            route: "POST /login".to_owned(),
            code: fault.code.to_string(),
        });
        fault
    }

    /// Ends the session of this token.
    pub async fn sign_out(&self, token: &str) -> Result<(), Fault> {
        let hash = &secret::hash(token);
        self.store()
            .write(|tx| async move {
                if let Some(session) = tx.sessions().by_token(hash).await? {
                    tx.sessions().revoke(&session.user_id, &session.id).await?;
                    let origin = Origin {
                        address: session.address,
                        user_agent: session.user_agent,
                        request_id: String::new(),
                    };
                    let account = Some((session.user_id.as_str(), ""));
                    let deed = Deed::done("session.sign_out", "session", &session.id);
                    record_unsigned(&tx, account, &origin, deed).await?;
                }
                Ok(())
            })
            .await
    }
}

fn failed() -> Fault {
    Fault::new(
        FaultKind::Unauthenticated,
        "sign_in_failed",
        "This secret is not valid, or was used before.",
    )
    .remedy("Make a new one on the server with 'hanok user secret'.")
}
