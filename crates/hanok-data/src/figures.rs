//! Figures in bounded memory: lengths, duplicates, the share of Hangul.

use std::collections::{BTreeMap, HashMap};
use std::hash::{DefaultHasher, Hash, Hasher};

use crate::imported::TextLengths;

/// Lengths up to this are counted exactly; longer ones in steps of at most a 256th.
const EXACT: u64 = 1_024;
/// Hashes of texts that are kept at once.
const KEPT: usize = 1_000_000;

/// A histogram of lengths.
#[derive(Debug, Default)]
pub(crate) struct Lengths {
    count: u64,
    sum: u64,
    min: u64,
    max: u64,
    steps: BTreeMap<u64, u64>,
}

impl Lengths {
    pub(crate) fn add(&mut self, length: u64) {
        self.min = if self.count == 0 {
            length
        } else {
            self.min.min(length)
        };
        self.max = self.max.max(length);
        self.count += 1;
        self.sum += length;
        let step = if length <= EXACT {
            1
        } else {
            length.next_power_of_two() / 512
        };
        *self.steps.entry(length / step * step).or_default() += 1;
    }

    pub(crate) fn summary(&self) -> TextLengths {
        TextLengths {
            min: self.min,
            mean: self.sum as f64 / self.count.max(1) as f64,
            p50: self.quantile(50),
            p95: self.quantile(95),
            max: self.max,
        }
    }

    /// The smallest length that at least `percent` of all do not exceed.
    fn quantile(&self, percent: u64) -> u64 {
        let wanted = (self.count * percent).div_ceil(100);
        let mut seen = 0;
        for (length, count) in &self.steps {
            seen += count;
            if seen >= wanted {
                return *length;
            }
        }
        self.max
    }
}

/// Counts texts that occurred before; above a million different ones, from a sample by hash.
#[derive(Debug, Default)]
pub(crate) struct Duplicates {
    seen: HashMap<u64, u64>,
    /// Only hashes with that many zero bits at the end are kept.
    bits: u32,
}

impl Duplicates {
    pub(crate) fn add(&mut self, text: &str) {
        let mut hasher = DefaultHasher::new();
        text.trim().hash(&mut hasher);
        let hash = hasher.finish();
        if hash.trailing_zeros() < self.bits {
            return;
        }
        *self.seen.entry(hash).or_default() += 1;
        if self.seen.len() > KEPT {
            self.bits += 1;
            let bits = self.bits;
            self.seen.retain(|hash, _| hash.trailing_zeros() >= bits);
        }
    }

    pub(crate) fn total(&self) -> u64 {
        self.seen.values().map(|count| count - 1).sum::<u64>() << self.bits
    }
}

/// Letters, and those of them that are Hangul.
#[derive(Debug, Default)]
pub(crate) struct Letters {
    all: u64,
    hangul: u64,
}

impl Letters {
    pub(crate) fn add(&mut self, text: &str) {
        for letter in text.chars().filter(|letter| letter.is_alphabetic()) {
            self.all += 1;
            let hangul =
                matches!(letter, '가'..='힣' | '\u{1100}'..='\u{11ff}' | '\u{3131}'..='\u{318e}');
            self.hangul += u64::from(hangul);
        }
    }

    pub(crate) fn hangul_share(&self) -> f64 {
        self.hangul as f64 / self.all.max(1) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_exact_when_short_and_close_when_long() {
        let mut lengths = Lengths::default();
        (1..=100).for_each(|length| lengths.add(length));
        let summary = lengths.summary();
        assert_eq!(
            (summary.min, summary.max, summary.p50, summary.p95),
            (1, 100, 50, 95)
        );
        assert_eq!(summary.mean, 50.5);
        let mut long = Lengths::default();
        long.add(1_000_003);
        let found = long.summary().p50;
        assert!(
            (0.996..=1.0).contains(&(found as f64 / 1_000_003.0)),
            "{found}"
        );
        assert_eq!(Lengths::default().summary(), TextLengths::default());
    }

    #[test]
    fn duplicates_are_counted_and_estimated() {
        let mut few = Duplicates::default();
        ["a", "b", " a ", "a"].iter().for_each(|text| few.add(text));
        assert_eq!(few.total(), 2);
        let mut many = Duplicates::default();
        for at in 0..3_000_000u32 {
            many.add(&format!("{}", at % 1_500_000));
        }
        let share = many.total() as f64 / 1_500_000.0;
        assert!((share - 1.0).abs() < 0.02, "{share}");
        assert!(many.seen.len() <= KEPT);
    }

    #[test]
    fn hangul_is_a_share_of_the_letters() {
        let mut letters = Letters::default();
        letters.add("한글 ab 12!");
        assert_eq!(letters.hangul_share(), 0.5);
        assert_eq!(Letters::default().hangul_share(), 0.0);
    }
}
