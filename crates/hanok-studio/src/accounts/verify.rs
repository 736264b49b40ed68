//! The end of a registration: whoever has the link of the mail shows that the address is theirs.

use hanok_domain::fault::Fault;
use hanok_store::rows::users::UserChange;

use super::settings::Registration;
use super::{LINK_PREFIX, VERIFY};
use crate::access::Origin;
use crate::audit::{Deed, record_unsigned};
use crate::secret;
use crate::studio::Studio;

impl Studio {
    /// Verifies the address of the account that this token was made for; true if it can sign in now, false
    /// if an administrator must approve it first.
    ///
    /// # Errors
    /// `link_invalid` for a token that is unknown, used or too old.
    pub async fn verify_email(&self, token: &str, origin: &Origin) -> Result<bool, Fault> {
        let hash = &link_hash(token)?;
        let approval = self.account_settings().registration == Registration::Approval;
        self.store()
            .write(|tx| async move {
                let secret = tx
                    .secrets()
                    .redeem(VERIFY, hash)
                    .await?
                    .ok_or_else(link_invalid)?;
                let user = tx
                    .users()
                    .get(&secret.user_id)
                    .await?
                    .ok_or_else(link_invalid)?;
                if user.waits_for.as_deref() == Some("verification") {
                    let change = UserChange {
                        waits_for: Some(approval.then(|| "approval".to_owned())),
                        ..UserChange::default()
                    };
                    tx.users().update(&user.id, &change).await?;
                }
                let deed = Deed::done("account.verify", "user", &user.id);
                record_unsigned(&tx, Some((&user.id, &user.name)), origin, deed).await?;
                Ok(!approval)
            })
            .await
    }
}

/// What is stored of the token of a link.
pub(super) fn link_hash(token: &str) -> Result<String, Fault> {
    let token = token.trim();
    match secret::well_formed(LINK_PREFIX, token) {
        true => Ok(secret::hash(token)),
        false => Err(link_invalid()),
    }
}

pub(super) fn link_invalid() -> Fault {
    let text = "This link was used already, or is too old.";
    Fault::invalid("link_invalid", text)
        .field("token")
        .remedy("Ask for a new one.")
}
