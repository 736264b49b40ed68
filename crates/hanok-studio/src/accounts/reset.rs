//! A new password by a link, which was mailed or which an administrator made.

use hanok_domain::fault::Fault;
use hanok_store::rows::secrets::NewSecret;
use hanok_store::rows::users::{User, UserChange};
use hanok_store::{Redacted, StoreError, Tx};

use super::verify::{link_hash, link_invalid};
use super::{LINK_PREFIX, RESET, RESET_LIFETIME, fresh, lockout, password};
use crate::access::{Caller, Origin};
use crate::audit::{Deed, record, record_unsigned};
use crate::studio::Studio;

impl Studio {
    /// A link's token for an account, made by an administrator; earlier ones are void.
    pub async fn issue_reset(&self, caller: &Caller, user_id: &str) -> Result<String, Fault> {
        self.store()
            .write(|tx| async move {
                let user = super::list::present(&tx, user_id).await?;
                let token = token(&tx, &user.id).await?;
                record(
                    &tx,
                    caller,
                    Deed::done("account.reset_link", "user", &user.id),
                )
                .await?;
                Ok(token)
            })
            .await
    }

    /// Sets the password of the account that this token was made for, and ends its sessions.
    ///
    /// # Errors
    /// `link_invalid` for a token that is unknown, used or too old; 422 for a password that is not taken.
    pub async fn reset_password(
        &self,
        token: &str,
        new: &str,
        origin: &Origin,
    ) -> Result<(), Fault> {
        let hash = &link_hash(token)?;
        let user = self
            .store()
            .look(|tx| async move { owner(&tx, hash).await });
        let user = user.await?.ok_or_else(link_invalid)?;
        let least = self.account_settings().password_min;
        password::check(new, least, &user.name, user.email.as_deref())?;
        let password = &self.passwords().hash(new).await?;
        self.store()
            .write(|tx| async move {
                let secret = tx
                    .secrets()
                    .redeem(RESET, hash)
                    .await?
                    .ok_or_else(link_invalid)?;
                let user = tx
                    .users()
                    .get(&secret.user_id)
                    .await?
                    .ok_or_else(link_invalid)?;
                set_password(&tx, &user.id, password).await?;
                lockout::unlock(&tx, &user.id).await?;
                let deed = Deed::done("account.reset", "user", &user.id);
                Ok(record_unsigned(&tx, Some((&user.id, &user.name)), origin, deed).await?)
            })
            .await
    }
}

async fn owner(tx: &Tx, hash: &str) -> Result<Option<User>, StoreError> {
    match tx.secrets().peek(RESET, hash).await? {
        Some(secret) => tx.users().get(&secret.user_id).await,
        None => Ok(None),
    }
}

/// The token of a link that sets a new password.
pub(crate) async fn token(tx: &Tx, user_id: &str) -> Result<String, Fault> {
    link(tx, RESET, user_id, RESET_LIFETIME).await
}

/// The token of a link for this purpose; earlier ones are void.
pub(crate) async fn link(
    tx: &Tx,
    purpose: &str,
    user_id: &str,
    lifetime: std::time::Duration,
) -> Result<String, Fault> {
    let (token, hash) = fresh(LINK_PREFIX)?;
    tx.secrets().discard(purpose, user_id).await?;
    let new = NewSecret {
        purpose: purpose.to_owned(),
        hash,
        user_id: user_id.to_owned(),
        lifetime,
    };
    tx.secrets().insert(&new).await?;
    Ok(token)
}

/// Another password ends every session and every other link.
pub(super) async fn set_password(tx: &Tx, user_id: &str, hash: &str) -> Result<(), StoreError> {
    let change = UserChange {
        password_hash: Some(Redacted::new(hash)),
        ..UserChange::default()
    };
    tx.users().update(user_id, &change).await?;
    tx.secrets().discard(RESET, user_id).await?;
    tx.sessions().revoke_all(user_id).await?;
    Ok(())
}
