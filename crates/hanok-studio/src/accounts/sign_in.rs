//! Sign-in by password or one-time secret, and sign-out.

use hanok_domain::fault::{Fault, FaultKind};

use super::authenticate::SignIn;
use super::lockout::{Subjects, check_lock, note_failure};
use super::session::begin_session;
use super::{SECRET_PREFIX, SIGN_IN};
use crate::access::Origin;
use crate::audit::{Deed, record_unsigned};
use crate::secret;
use crate::studio::Studio;

impl Studio {
    /// Signs in by name and password; returns the token of the new session.
    ///
    /// # Errors
    /// Those of [`Studio::authenticate`].
    pub async fn sign_in_with_password(
        &self,
        given: &SignIn,
        origin: &Origin,
    ) -> Result<String, Fault> {
        let user = &self.authenticate(given, origin).await?.id;
        self.store()
            .write(|tx| async move { begin_session(&tx, user, "password", origin).await })
            .await
    }

    /// Redeems a secret; returns the token of the new session.
    ///
    /// # Errors
    /// `sign_in_failed`, the same for a wrong, used or expired secret; `locked_out` after too many from one
    /// address.
    pub async fn sign_in(&self, given: &str, origin: &Origin) -> Result<String, Fault> {
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
                let Some(redeemed) = redeemed else {
                    record_unsigned(&tx, None, origin, Deed::failed("account.sign_in")).await?;
                    note_failure(&tx, subjects).await?;
                    return Ok(Err(failed()));
                };
                begin_session(&tx, &redeemed.user_id, "secret", origin)
                    .await
                    .map(Ok)
            })
            .await?
    }

    /// Ends the session of this token.
    pub async fn sign_out(&self, token: &str, origin: &Origin) -> Result<(), Fault> {
        let hash = &secret::hash(token);
        self.store()
            .write(|tx| async move {
                let Some(session) = tx.sessions().by_token(hash).await? else {
                    return Ok(());
                };
                tx.sessions().revoke(&session.user_id, &session.id).await?;
                let user = tx.users().get(&session.user_id).await?;
                let account = user
                    .as_ref()
                    .map(|user| (user.id.as_str(), user.name.as_str()));
                let deed = Deed::done("account.sign_out", "session", &session.id);
                Ok(record_unsigned(&tx, account, origin, deed).await?)
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
