//! Signing out with tokens: the session ends, and with it every token of it.

use hanok_domain::fault::Fault;

use super::REFRESH_PREFIX;
use crate::access::Origin;
use crate::audit::{Deed, record_unsigned};
use crate::secret;
use crate::studio::Studio;
use crate::time::seconds;

impl Studio {
    /// Ends the session of an access token or a refresh token. One that is not known needs no ending.
    pub async fn revoke_token(&self, given: &str, origin: &Origin) -> Result<(), Fault> {
        self.store()
            .write(|tx| async move {
                let session = if secret::well_formed(REFRESH_PREFIX, given) {
                    let token = tx.refresh_tokens().by_hash(&secret::hash(given)).await?;
                    token.map(|token| (token.user_id, token.session_id))
                } else {
                    let now = seconds(tx.now().await?);
                    let claims = self.credentials().access.read(given, now);
                    claims.map(|claims| (claims.sub, claims.sid))
                };
                let Some((user, session)) = session else {
                    return Ok(());
                };
                if tx.sessions().revoke(&user, &session).await? {
                    let user = tx.users().get(&user).await?;
                    let account = user.as_ref().map(|u| (u.id.as_str(), u.name.as_str()));
                    let deed = Deed::done("token.revoke", "session", &session);
                    record_unsigned(&tx, account, origin, deed).await?;
                }
                Ok::<_, Fault>(())
            })
            .await
    }
}
