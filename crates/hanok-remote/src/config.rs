//! How outbound requests behave; each limit has a default that suits an API of somebody else's.

use std::time::Duration;

use crate::Exceptions;

/// Limits of outbound requests.
#[derive(Debug, Clone)]
pub struct Config {
    /// Hosts that a request may name although they are not public.
    pub allowed: Exceptions,
    /// Longest to look a name up and connect.
    pub connect: Duration,
    /// Longest without a byte.
    pub read: Duration,
    /// Longest for all of it, redirects, retries and body; a request can set its own.
    pub total: Duration,
    /// Most bytes of an answer's body; a request can set its own.
    pub max_bytes: u64,
    /// Most headers of an answer.
    pub max_headers: usize,
    /// Most redirects that are followed.
    pub hops: usize,
    /// Most further tries of a request that can be sent twice.
    pub retries: u32,
    /// Requests under way to one origin; one more is refused.
    pub per_origin: usize,
    /// A body brings at least [`Self::floor_bytes`] in each stretch of this length.
    pub floor_window: Duration,
    /// See [`Self::floor_window`].
    pub floor_bytes: u64,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            allowed: Exceptions::default(),
            connect: Duration::from_secs(5),
            read: Duration::from_secs(30),
            total: Duration::from_secs(60),
            max_bytes: 4 << 20,
            max_headers: 100,
            hops: 5,
            retries: 2,
            per_origin: 64,
            floor_window: Duration::from_secs(20),
            floor_bytes: 2 << 10,
        }
    }
}
