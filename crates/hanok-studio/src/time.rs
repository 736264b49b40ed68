//! Times as people and programs read them. Rows hold microseconds UTC.

use jiff::Timestamp;

/// RFC 3339 in UTC, to the millisecond.
pub fn rfc3339(micros: i64) -> String {
    Timestamp::from_microsecond(micros)
        .map(|t| format!("{t:.3}"))
        .unwrap_or_default()
}

/// Unix seconds.
pub fn seconds(micros: i64) -> i64 {
    micros.div_euclid(1_000_000)
}
