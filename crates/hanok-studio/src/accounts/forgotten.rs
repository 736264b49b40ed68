//! Forgotten passwords: somebody asks for a link. Whether there is such an account is found out later, when the
//! mail is made; what is asked for here is the same for every address.

use hanok_domain::fault::Fault;

use super::names;
use crate::access::Origin;
use crate::audit::{Deed, record_unsigned};
use crate::mail::{self, MailKind};
use crate::studio::Studio;

impl Studio {
    /// Has a link sent to this address, if an account has it.
    ///
    /// # Errors
    /// 422 for what is no address; 409 where no mail goes out.
    pub async fn forgot_password(
        &self,
        email: &str,
        language: Option<&str>,
        origin: &Origin,
    ) -> Result<(), Fault> {
        let email = &names::email(email)?;
        if self.account_settings().mail.is_none() {
            return Err(mail::not_set_up());
        }
        let language = mail::language(language);
        self.store()
            .write(|tx| async move {
                record_unsigned(&tx, None, origin, asked()).await?;
                mail::queue(&tx, MailKind::Reset, email, None, language).await
            })
            .await
    }
}

/// Nothing is said of whose it is: the row would tell what the answer does not.
fn asked() -> Deed<'static> {
    Deed {
        outcome: hanok_domain::audit::Outcome::Done,
        ..Deed::failed("account.reset_ask")
    }
}
