//! Taking a second factor into use: a secret is offered, and counts once a code of it was given.

use hanok_domain::fault::Fault;
use hanok_store::Redacted;

use super::{Offer, RecoveryCodes, codes, enrolled_already, guess, none_enrolled, place, recovery};
use crate::access::Caller;
use crate::accounts::sealed;
use crate::audit::{Deed, record};
use crate::studio::Studio;

impl Studio {
    /// Offers the caller a secret, in the place of one that was offered before.
    ///
    /// # Errors
    /// `second_factor_enrolled` for an account that has one in use.
    pub async fn offer_second_factor(&self, caller: &Caller) -> Result<Offer, Fault> {
        let secret =
            codes::generate().map_err(|e| Fault::internal(format!("no random bytes: {e}")))?;
        let user = &caller.user_id;
        let sealed = sealed::seal(&self.secrets().sealer, place(user), &secret)?;
        let sealed = &Redacted::new(sealed);
        self.store()
            .write(|tx| async move {
                if !tx.second_factor().offer(user, sealed).await? {
                    return Err(enrolled_already());
                }
                let deed = Deed::done("second_factor.offer", "user", user);
                Ok(record(&tx, caller, deed).await?)
            })
            .await?;
        Ok(Offer {
            object: "second_factor.offer",
            otpauth_url: codes::address(&caller.user_name, &secret),
            secret,
        })
    }

    /// Takes the offered secret into use; gives the recovery codes.
    ///
    /// # Errors
    /// `wrong_code`, which counts as a failed sign-in; `locked_out`; `no_second_factor` where none was offered, `second_factor_enrolled` where one is in use.
    pub async fn confirm_second_factor(
        &self,
        caller: &Caller,
        code: &str,
    ) -> Result<RecoveryCodes, Fault> {
        let user = &caller.user_id;
        let (shown, hashes) = recovery::generate(user)?;
        let hashes = &hashes;
        // A wrong code is an answer here, not a fault: what is noted of it stays.
        self.store()
            .write(|tx| async move {
                guess::check_lock(&tx, caller).await?;
                let factor = tx.second_factor().get(user).await?;
                let offered = factor.ok_or_else(none_enrolled)?;
                if offered.confirmed_at.is_some() {
                    return Err(enrolled_already());
                }
                let sealed = offered.secret.ok_or_else(none_enrolled)?;
                if let Err(fault) = self.use_up(&tx, user, sealed.expose(), code).await {
                    return guess::note(&tx, caller, fault).await.map(Err);
                }
                if !tx.second_factor().confirm(user).await? {
                    return Err(enrolled_already());
                }
                tx.second_factor().replace_codes(user, hashes).await?;
                let deed = Deed::done("second_factor.confirm", "user", user);
                Ok::<_, Fault>(Ok(record(&tx, caller, deed).await?))
            })
            .await??;
        Ok(RecoveryCodes {
            object: "recovery_codes",
            codes: shown,
        })
    }
}
