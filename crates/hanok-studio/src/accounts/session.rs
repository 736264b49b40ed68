//! The beginning of a session. Every way in ends here, so that each session has a new token, a limit, and its
//! row in the log.

use hanok_domain::fault::Fault;
use hanok_store::Tx;
use hanok_store::rows::sessions::NewSession;
use serde_json::json;

use super::authenticate::failed;
use super::{SESSION_LIFETIME, SESSION_PREFIX, fresh};
use crate::access::Origin;
use crate::audit::{Deed, record_unsigned};

/// Begins a session of this account; `method` is `secret`, `password` or `oidc`. Returns its token.
///
/// # Errors
/// `sign_in_failed` for an account that is not open.
pub async fn begin_session(
    tx: &Tx,
    user_id: &str,
    method: &str,
    origin: &Origin,
) -> Result<String, Fault> {
    let user = tx.users().get(user_id).await?;
    let user = user.filter(|user| user.is_open()).ok_or_else(failed)?;
    let (token, token_hash) = fresh(SESSION_PREFIX)?;
    let session = tx
        .sessions()
        .insert(&NewSession {
            user_id: user.id.clone(),
            token_hash,
            lifetime: SESSION_LIFETIME,
            user_agent: origin.user_agent.clone(),
            address: origin.address.clone(),
            method: method.to_owned(),
        })
        .await?;
    let deed = Deed::done("account.sign_in", "user", &user.id)
        .detail(json!({ "method": method, "session": session.id }));
    record_unsigned(tx, Some((&user.id, &user.name)), origin, deed).await?;
    Ok(token)
}
