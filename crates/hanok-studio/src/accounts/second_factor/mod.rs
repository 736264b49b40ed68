//! The second factor of an account: codes of RFC 6238 that each are good once, and recovery codes for the day
//! when the telephone is gone.

mod change;
mod check;
mod codes;
mod enrol;
mod guess;
mod recovery;

use std::time::Duration;

use hanok_domain::fault::{Fault, FaultKind};
use serde::Serialize;

use super::sealed::Place;
use crate::access::{Caller, Credential};
use crate::sealing::Purpose;
use crate::studio::Studio;
use crate::time::rfc3339;

/// What takes a second factor away needs a sign-in that is no older.
const FRESH: Duration = Duration::from_secs(15 * 60);

/// The second factor of an account, as it is shown.
#[derive(Debug, Clone, Serialize)]
pub struct SecondFactorView {
    /// Always `second_factor`.
    pub object: &'static str,
    /// Whether it is in use.
    pub enrolled: bool,
    /// Whether the account must have one.
    pub required: bool,
    /// Since when it is in use, RFC 3339.
    pub confirmed_at: Option<String>,
    /// Recovery codes that are unused.
    pub recovery_codes_left: u64,
}

/// A secret that is offered: it counts once a code of it is given.
#[derive(Debug, Clone, Serialize)]
pub struct Offer {
    /// Always `second_factor.offer`.
    pub object: &'static str,
    /// The secret in base 32, for those who type it.
    pub secret: String,
    /// The same as an address that authenticator apps read, usually from a picture.
    pub otpauth_url: String,
}

/// Recovery codes; the only time that they are seen.
#[derive(Debug, Clone, Serialize)]
pub struct RecoveryCodes {
    /// Always `recovery_codes`.
    pub object: &'static str,
    /// Each is good once, in the place of a code.
    pub codes: Vec<String>,
}

impl Studio {
    /// The caller's second factor.
    pub async fn second_factor(&self, caller: &Caller) -> Result<SecondFactorView, Fault> {
        let user = &caller.user_id;
        let (factor, left) = self
            .store()
            .read(|tx| async move {
                let factor = tx.second_factor().get(user).await?;
                Ok::<_, Fault>((factor, tx.second_factor().codes_left(user).await?))
            })
            .await?;
        let since = factor.and_then(|factor| factor.confirmed_at);
        Ok(SecondFactorView {
            object: "second_factor",
            enrolled: since.is_some(),
            required: self.credentials().demand.of(&caller.user_role),
            confirmed_at: since.map(rfc3339),
            recovery_codes_left: left,
        })
    }

    /// Whether the caller has to enrol before anything else. Whoever can read the data directory is let
    /// through: they could change the setting as well.
    pub fn must_enrol(&self, caller: &Caller) -> bool {
        caller.credential != Credential::Local
            && !caller.second_factor
            && self.credentials().demand.of(&caller.user_role)
    }
}

fn place(user: &str) -> Place<'_> {
    Place {
        purpose: Purpose::Totp,
        table: "users",
        column: "totp_secret",
        row: user,
    }
}

/// What a code that is missing is answered with.
fn needed() -> Fault {
    Fault::new(
        FaultKind::Unauthenticated,
        "second_factor_required",
        "This account needs a code from its authenticator app.",
    )
    .field("code")
    .remedy("Send 'code' along: six digits, or a recovery code.")
}

/// What a code that does not fit is answered with, used ones too.
fn wrong() -> Fault {
    Fault::new(
        FaultKind::Unauthenticated,
        "wrong_code",
        "This code is not valid, or was used before.",
    )
    .field("code")
    .remedy("Wait for the next code of your authenticator app, or use a recovery code.")
}

fn none_enrolled() -> Fault {
    Fault::conflict("no_second_factor", "This account has no second factor.")
        .remedy("Enrol one first.")
}

fn enrolled_already() -> Fault {
    Fault::conflict(
        "second_factor_enrolled",
        "This account has a second factor already.",
    )
    .remedy("Turn it off before you enrol another.")
}
