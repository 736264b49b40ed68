//! Tokens of programs that act for a person: short access tokens, and refresh tokens that are good once. A
//! token is a session's; what ends the session ends them at once.

mod access;
mod issue;
mod refresh;
mod revoke;

use std::time::Duration;

use serde::Serialize;

pub(super) use access::{AccessKey, looks_like_one};
pub use issue::Grant;

/// How long an access token is good for.
const ACCESS_LIFETIME: Duration = Duration::from_secs(10 * 60);
/// A session of tokens ends then, however often it is refreshed.
const SESSION_LIFETIME: Duration = Duration::from_secs(30 * 24 * 3600);
/// A session of tokens ends when it was not refreshed for so long.
const REFRESH_LIFETIME: Duration = Duration::from_secs(7 * 24 * 3600);
/// Prefix of refresh tokens.
const REFRESH_PREFIX: &str = "hr_";

/// What a sign-in and a refresh give.
#[derive(Debug, Clone, Serialize)]
pub struct TokenPair {
    /// Always `token`.
    pub object: &'static str,
    /// Goes with every request.
    pub access_token: String,
    /// Always `Bearer`.
    pub token_type: &'static str,
    /// Seconds that the access token is good for.
    pub expires_in: u64,
    /// Gives the next pair, once.
    pub refresh_token: String,
    /// Seconds that the refresh token is good for.
    pub refresh_expires_in: u64,
}
