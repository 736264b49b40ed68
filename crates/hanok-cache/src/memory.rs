//! Entries in this process.

use std::time::{Duration, Instant};

use bytes::Bytes;
use moka::Expiry;
use moka::sync::Cache;

/// Entries, the least useful leaving first when there are too many bytes.
pub(crate) type Entries = Cache<String, (Bytes, Duration)>;

/// Room for so many bytes.
pub(crate) fn entries(bytes: u64) -> Entries {
    Cache::builder()
        .max_capacity(bytes)
        .weigher(|name: &String, (value, _): &(Bytes, Duration)| {
            u32::try_from(name.len() + value.len()).unwrap_or(u32::MAX)
        })
        .expire_after(OwnTime)
        .build()
}

/// Each entry says itself how long it is good.
struct OwnTime;

impl Expiry<String, (Bytes, Duration)> for OwnTime {
    fn expire_after_create(
        &self,
        _: &String,
        (_, ttl): &(Bytes, Duration),
        _: Instant,
    ) -> Option<Duration> {
        Some(*ttl)
    }

    fn expire_after_update(
        &self,
        _: &String,
        (_, ttl): &(Bytes, Duration),
        _: Instant,
        _: Option<Duration>,
    ) -> Option<Duration> {
        Some(*ttl)
    }
}
