//! Sign-in by one-time secret, and sign-out.

use hanok_domain::fault::{Fault, FaultKind};
use hanok_store::rows::sessions::NewSession;

use super::{SECRET_PREFIX, SESSION_LIFETIME, SESSION_PREFIX, SIGN_IN};
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
        if !secret::well_formed(SECRET_PREFIX, given) {
            return Err(failed());
        }
        let hash = &secret::hash(given);
        let token = &secret::generate(SESSION_PREFIX)
            .map_err(|e| Fault::internal(format!("no random bytes: {e}")))?;
        self.store()
            .write(|tx| async move {
                let redeemed = tx.secrets().redeem(SIGN_IN, hash).await?;
                let redeemed = redeemed.ok_or_else(failed)?;
                let session = NewSession {
                    user_id: redeemed.user_id,
                    token_hash: secret::hash(token),
                    lifetime: SESSION_LIFETIME,
                    user_agent: user_agent.chars().take(MAX_AGENT).collect(),
                    address: address.to_owned(),
                };
                tx.sessions().insert(&session).await?;
                Ok::<_, Fault>(())
            })
            .await?;
        Ok(token.clone())
    }

    /// Ends the session of this token.
    pub async fn sign_out(&self, token: &str) -> Result<(), Fault> {
        let hash = &secret::hash(token);
        self.store()
            .write(|tx| async move {
                if let Some(session) = tx.sessions().by_token(hash).await? {
                    tx.sessions().revoke(&session.user_id, &session.id).await?;
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
