//! What is told once in a while and not each time: which of it was told already. Bounded; forgets everything
//! when it is full, and then something is told once more.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Things remembered at once.
const MOST: usize = 20_000;

/// What was told, and when.
#[derive(Default)]
pub(super) struct Seen(Mutex<HashMap<String, (String, Instant)>>);

impl Seen {
    /// Whether this has been told of the subject within so long. Another value is news.
    pub(super) fn is_known(&self, subject: &str, value: &str, within: Duration) -> bool {
        let seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        seen.get(subject)
            .is_some_and(|(known, at)| known == value && at.elapsed() < within)
    }

    /// Notes that it is told.
    pub(super) fn note(&self, subject: &str, value: &str) {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.len() >= MOST && !seen.contains_key(subject) {
            seen.clear();
        }
        seen.insert(subject.to_owned(), (value.to_owned(), Instant::now()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_is_news_when_its_value_is_or_when_time_has_passed() {
        let (seen, day) = (Seen::default(), Duration::from_secs(86_400));
        assert!(!seen.is_known("key_1", "a", day));
        seen.note("key_1", "a");
        assert!(seen.is_known("key_1", "a", day));
        assert!(!seen.is_known("key_1", "b", day));
        assert!(!seen.is_known("key_1", "a", Duration::ZERO));
        for number in 0..=MOST {
            seen.note(&number.to_string(), "a");
        }
        assert!(!seen.is_known("key_1", "a", day), "it was forgotten");
    }
}
