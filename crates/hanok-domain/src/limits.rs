//! What a key may use up, beyond what its account may. Owns the bounds that make sense, not the counting.

use serde::{Deserialize, Serialize};

/// The most of each that can be asked for: beyond it a bound bounds nothing.
const MOST: [(&str, i64); 3] = [
    ("requests_per_minute", 1_000_000),
    ("expensive_per_minute", 1_000_000),
    ("tokens_per_day", 1_000_000_000_000),
];

/// Bounds of one key; what is absent is bounded by the installation alone.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct KeyLimits {
    /// Requests of any kind.
    pub requests_per_minute: Option<i64>,
    /// Requests that compute: inference, imports, training.
    pub expensive_per_minute: Option<i64>,
    /// Tokens read and written, by the day of UTC.
    pub tokens_per_day: Option<i64>,
}

impl KeyLimits {
    /// Whether there are any bounds.
    pub fn any(&self) -> bool {
        *self != Self::default()
    }

    /// Refuses what is no bound: nothing, less than nothing, or more than can be counted.
    ///
    /// # Errors
    /// Name of the field and one sentence.
    pub fn check(&self) -> Result<(), (&'static str, String)> {
        let given = [
            self.requests_per_minute,
            self.expensive_per_minute,
            self.tokens_per_day,
        ];
        for ((name, most), value) in MOST.into_iter().zip(given) {
            if value.is_some_and(|value| value < 1 || value > most) {
                return Err((name, format!("{name} is a whole number from 1 to {most}.")));
            }
        }
        Ok(())
    }

    /// Reads bounds as they are stored. What this version does not understand permits the least.
    pub fn stored(text: Option<&str>) -> Self {
        let Some(text) = text else {
            return Self::default();
        };
        // A list would be read as the fields in their order.
        let fields: Option<serde_json::Map<_, _>> = serde_json::from_str(text).ok();
        let read: Option<Self> = fields.and_then(|all| serde_json::from_value(all.into()).ok());
        read.filter(|limits| limits.check().is_ok())
            .unwrap_or(Self {
                requests_per_minute: Some(1),
                expensive_per_minute: Some(1),
                tokens_per_day: Some(1),
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn b11_nothing_negative_or_beyond_counting_is_a_bound() {
        let of = |requests, tokens| KeyLimits {
            requests_per_minute: requests,
            tokens_per_day: tokens,
            ..KeyLimits::default()
        };
        assert!(of(Some(60), Some(1_000_000)).check().is_ok());
        assert!(!of(None, None).any());
        for wrong in [0, -1, i64::MIN, i64::MAX] {
            assert_eq!(
                of(Some(wrong), None).check().unwrap_err().0,
                "requests_per_minute"
            );
            assert_eq!(
                of(None, Some(wrong)).check().unwrap_err().0,
                "tokens_per_day"
            );
        }
    }

    #[test]
    fn what_is_damaged_permits_the_least() {
        assert!(!KeyLimits::stored(None).any());
        for text in ["", "[]", "{\"requests_per_minute\":-5}", "{\"newer\":1}"] {
            assert_eq!(
                KeyLimits::stored(Some(text)).tokens_per_day,
                Some(1),
                "{text}"
            );
        }
    }
}
