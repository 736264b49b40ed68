//! Accounts of part one: one administrator with a personal project, signed in by one-time secret.

mod bootstrap;
mod callers;
mod sign_in;

use std::time::Duration;

/// Purpose under which sign-in secrets are stored.
const SIGN_IN: &str = "sign_in";
/// How long a sign-in secret is good for.
const SECRET_LIFETIME: Duration = Duration::from_secs(24 * 3600);
/// A session ends then, whatever happens.
const SESSION_LIFETIME: Duration = Duration::from_secs(12 * 3600);
/// A session ends when it was not used for so long.
const SESSION_IDLE: Duration = Duration::from_secs(30 * 60);
/// Prefix of sign-in secrets.
const SECRET_PREFIX: &str = "once_";
/// Prefix of session tokens.
const SESSION_PREFIX: &str = "hs_";
