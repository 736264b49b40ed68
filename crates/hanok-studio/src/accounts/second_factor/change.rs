//! New recovery codes, and no second factor any more: both need a code, the latter a fresh sign-in too.

use hanok_domain::fault::{Fault, FaultKind};
use hanok_store::Tx;

use super::{FRESH, RecoveryCodes, guess, none_enrolled, recovery};
use crate::access::{Caller, Credential};
use crate::audit::{Deed, record};
use crate::studio::Studio;

impl Studio {
    /// New recovery codes in the place of the old.
    ///
    /// # Errors
    /// `wrong_code`, which counts as a failed sign-in; `locked_out`; `no_second_factor`.
    pub async fn renew_recovery_codes(
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
                if let Err(fault) = self.check_enrolled(&tx, caller, code).await {
                    return guess::note(&tx, caller, fault).await.map(Err);
                }
                tx.second_factor().replace_codes(user, hashes).await?;
                let deed = Deed::done("second_factor.renew_codes", "user", user);
                Ok::<_, Fault>(Ok(record(&tx, caller, deed).await?))
            })
            .await??;
        Ok(RecoveryCodes {
            object: "recovery_codes",
            codes: shown,
        })
    }

    /// Takes the second factor away.
    ///
    /// # Errors
    /// `wrong_code`, which counts as a failed sign-in; `locked_out`; `no_second_factor`; `sign_in_not_fresh`
    /// where the sign-in is too long ago.
    pub async fn disable_second_factor(&self, caller: &Caller, code: &str) -> Result<(), Fault> {
        let user = &caller.user_id;
        self.store()
            .write(|tx| async move {
                check_fresh(&tx, caller).await?;
                if let Err(fault) = self.check_enrolled(&tx, caller, code).await {
                    return guess::note(&tx, caller, fault).await.map(Err);
                }
                tx.second_factor().clear(user).await?;
                let deed = Deed::done("second_factor.disable", "user", user);
                Ok::<_, Fault>(Ok(record(&tx, caller, deed).await?))
            })
            .await?
    }

    /// A code, of an account that has a second factor. Whoever can read the data directory needs none: it is
    /// their way back when telephone and recovery codes are gone.
    async fn check_enrolled(&self, tx: &Tx, caller: &Caller, code: &str) -> Result<(), Fault> {
        let factor = tx.second_factor().get(&caller.user_id).await?;
        if factor.is_none_or(|factor| factor.confirmed_at.is_none()) {
            return Err(none_enrolled());
        }
        if caller.credential == Credential::Local {
            return Ok(());
        }
        guess::check_lock(tx, caller).await?;
        self.check_code(tx, &caller.user_id, Some(code)).await
    }
}

async fn check_fresh(tx: &Tx, caller: &Caller) -> Result<(), Fault> {
    let (Credential::Session { id } | Credential::Token { id }) = &caller.credential else {
        return Ok(());
    };
    let session = tx.sessions().open(id).await?;
    let oldest = tx.now().await? - i64::try_from(FRESH.as_micros()).unwrap_or(0);
    if session.is_some_and(|session| session.created_at >= oldest) {
        return Ok(());
    }
    let text = "This needs a sign-in of the last 15 minutes.";
    Err(Fault::new(FaultKind::Forbidden, "sign_in_not_fresh", text)
        .remedy("Sign out, sign in again, and come back."))
}
