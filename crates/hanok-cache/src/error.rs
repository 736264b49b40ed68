//! What can be wrong with a cache, told to the operator; those who use it only see misses.

use thiserror::Error;

/// Failure of a cache.
#[derive(Debug, Error)]
pub enum CacheError {
    /// Settings that make no sense.
    #[error("{0}")]
    Config(String),
    /// Redis refuses us.
    #[error("Redis refuses the password or user: check REDIS_PASSWORD and REDIS_URL")]
    Refused,
    /// Redis does not answer.
    #[error("Redis at {place} does not answer: {reason}")]
    Unavailable {
        /// Its host and port.
        place: String,
        /// What happened; without credentials.
        reason: String,
    },
}
