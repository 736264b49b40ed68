//! Accounts: how they are made, signed in to, changed and ended. What a second factor, tokens or another
//! provider add stands in modules of their own; every way in begins its session in [`begin_session`].

mod authenticate;
mod bootstrap;
mod callers;
mod change;
mod credentials;
mod forgotten;
mod invite;
mod list;
mod lockout;
mod make;
mod manage;
mod names;
pub mod oidc;
mod password;
mod register;
pub(crate) mod reset;
mod sealed;
pub mod second_factor;
mod session;
mod sessions;
mod settings;
mod sign_in;
pub mod tokens;
mod verify;

use std::time::Duration;

pub use authenticate::SignIn;
pub use change::{ChangePassword, ChangeProfile};
pub use credentials::{Credentials, Demand};
pub use invite::{InvitationView, NewInvite};
pub use list::{AccountView, UserQuery};
pub(crate) use lockout::FORGOTTEN_AFTER;
pub use lockout::{Subjects, check_lock, note_failure};
pub use manage::{CreateUser, UpdateUser};
pub use password::{Passwords, check as check_password};
pub use register::Register;
pub use session::begin_session;
pub use sessions::SessionView;
pub use settings::{AccountSettings, Pepper, Registration};

/// Purpose under which sign-in secrets are stored.
const SIGN_IN: &str = "sign_in";
/// Purpose of the secrets that verify an address.
pub(crate) const VERIFY: &str = "verify";
/// Purpose of the secrets that set a new password.
pub(crate) const RESET: &str = "reset";
/// How long a sign-in secret is good for.
const SECRET_LIFETIME: Duration = Duration::from_secs(24 * 3600);
/// How long an address can be verified.
pub(crate) const VERIFY_LIFETIME: Duration = Duration::from_secs(24 * 3600);
/// How long a password can be set anew.
pub(crate) const RESET_LIFETIME: Duration = Duration::from_secs(3600);
/// How long an invitation is good for.
const INVITATION_LIFETIME: Duration = Duration::from_secs(7 * 24 * 3600);
/// A session ends then, whatever happens.
const SESSION_LIFETIME: Duration = Duration::from_secs(12 * 3600);
/// A session ends when it was not used for so long.
const SESSION_IDLE: Duration = Duration::from_secs(30 * 60);
/// Prefix of sign-in secrets.
const SECRET_PREFIX: &str = "once_";
/// Prefix of session tokens.
const SESSION_PREFIX: &str = "hs_";
/// Prefix of tokens in links of mails.
pub(crate) const LINK_PREFIX: &str = "hl_";

/// A new token and the hash that is stored of it.
pub(crate) fn fresh(prefix: &str) -> Result<(String, String), hanok_domain::fault::Fault> {
    let token = crate::secret::generate(prefix)
        .map_err(|e| hanok_domain::fault::Fault::internal(format!("no random bytes: {e}")))?;
    let hash = crate::secret::hash(&token);
    Ok((token, hash))
}
