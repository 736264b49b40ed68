//! The next pair of tokens for a refresh token, which is used up by it. One that comes a second time was
//! copied: whoever has it, the session ends. There is no grace for two uses at once, since nobody can tell
//! them from theft.

use hanok_domain::fault::{Fault, FaultKind};
use hanok_store::Tx;
use hanok_store::rows::refresh_tokens::RefreshToken;
use hanok_store::rows::users::User;
use serde_json::json;

use super::issue::Opened;
use super::{REFRESH_PREFIX, TokenPair};
use crate::access::Origin;
use crate::audit::{Deed, record_unsigned};
use crate::secret;
use crate::studio::Studio;

impl Studio {
    /// The next pair.
    ///
    /// # Errors
    /// `invalid_refresh_token`, the same whatever is wrong with it.
    pub async fn refresh_tokens(&self, given: &str, origin: &Origin) -> Result<TokenPair, Fault> {
        if !secret::well_formed(REFRESH_PREFIX, given) {
            return Err(refused());
        }
        let hash = &secret::hash(given);
        let pair = self
            .store()
            .write(|tx| async move { self.refresh_in(&tx, hash, origin).await })
            .await?;
        pair.ok_or_else(refused)
    }

    /// Nothing where the token is not good; what was done about that is committed all the same.
    async fn refresh_in(
        &self,
        tx: &Tx,
        hash: &str,
        origin: &Origin,
    ) -> Result<Option<TokenPair>, Fault> {
        let Some(token) = tx.refresh_tokens().by_hash(hash).await? else {
            return Ok(None);
        };
        let Some(user) = tx.users().get(&token.user_id).await? else {
            return Ok(None);
        };
        if token.used_at.is_some() || !tx.refresh_tokens().use_up(&token.id).await? {
            end_family(tx, &token, &user, origin).await?;
            return Ok(None);
        }
        if user.disabled_at.is_some() || token.expires_at <= tx.now().await? {
            return Ok(None);
        }
        let Some(session) = tx.sessions().open(&token.session_id).await? else {
            return Ok(None);
        };
        tx.sessions().touch(&session.id).await?;
        let deed = Deed::done("token.refresh", "session", &session.id);
        record_unsigned(tx, Some((&user.id, &user.name)), origin, deed).await?;
        let opened = Opened {
            user_id: &user.id,
            session_id: &session.id,
            project_id: &token.project_id,
            ends_at: session.expires_at,
        };
        self.next_pair(tx, &opened).await.map(Some)
    }
}

async fn end_family(
    tx: &Tx,
    token: &RefreshToken,
    user: &User,
    origin: &Origin,
) -> Result<(), Fault> {
    let ended = tx.sessions().revoke(&user.id, &token.session_id).await?;
    let deed = Deed {
        object: Some(("session", &token.session_id)),
        ..Deed::failed("token.reuse_detected")
    };
    let deed = deed.detail(json!({ "session_ended": ended }));
    Ok(record_unsigned(tx, Some((&user.id, &user.name)), origin, deed).await?)
}

fn refused() -> Fault {
    Fault::new(
        FaultKind::Unauthenticated,
        "invalid_refresh_token",
        "This refresh token is not valid, or was used before.",
    )
    .remedy("Sign in again.")
}
