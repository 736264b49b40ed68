//! The generic cell rate algorithm. Each subject has one number, the moment until which what it did is spread
//! at the permitted pace; how far that moment lies ahead says everything. Knows no clock and no home.

use std::time::Duration;

const MINUTE: i64 = 60_000_000;

/// So many within a minute, all at once or spread.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    per_minute: i64,
}

impl Rule {
    /// A limit; none for 0, which is no limit at all.
    pub fn per_minute(count: u32) -> Option<Self> {
        let per_minute = i64::from(count.min(60_000_000));
        (count > 0).then_some(Self { per_minute })
    }

    /// How long one takes at the permitted pace, µs.
    pub(crate) fn period(self) -> i64 {
        MINUTE / self.per_minute
    }

    /// How far ahead one may be, µs.
    pub(crate) fn window(self) -> i64 {
        self.period() * self.per_minute
    }
}

/// What became of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verdict {
    /// Whether it may be done.
    pub allowed: bool,
    /// How many may be done in a minute.
    pub limit: u32,
    /// How many more may be done now.
    pub remaining: u32,
    /// When all may be done again.
    pub reset: Duration,
    /// When the next may be done; zero where it may be now.
    pub retry: Duration,
}

impl Verdict {
    /// From how far ahead the subject is now, µs.
    pub(crate) fn new(allowed: bool, ahead: i64, rule: Rule) -> Self {
        let (period, window) = (rule.period(), rule.window());
        let free = (window - ahead).max(0) / period;
        let wait = (ahead + period - window).max(0);
        Self {
            allowed,
            limit: u32::try_from(rule.per_minute).unwrap_or(u32::MAX),
            remaining: u32::try_from(free).unwrap_or(u32::MAX),
            reset: micros(ahead),
            retry: micros(wait),
        }
    }
}

fn micros(count: i64) -> Duration {
    Duration::from_micros(u64::try_from(count).unwrap_or_default())
}

/// Does one if it may be done: the subject's new moment, if it is another, and how far it lies ahead.
pub(crate) fn take(until: i64, now: i64, rule: Rule) -> (Option<i64>, i64) {
    let until = until.max(now);
    let next = until + rule.period();
    if next - now > rule.window() {
        (None, until - now)
    } else {
        (Some(next), next - now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(rule: Rule, moments: impl Iterator<Item = i64>) -> Vec<Verdict> {
        let mut until = 0;
        let mut told = Vec::new();
        for now in moments {
            let (next, ahead) = take(until, now, rule);
            until = next.unwrap_or(until);
            told.push(Verdict::new(next.is_some(), ahead, rule));
        }
        told
    }

    #[test]
    fn as_many_as_permitted_at_once_and_no_more() {
        let rule = Rule::per_minute(10).unwrap();
        let told = run(rule, std::iter::repeat_n(5, 12));
        let allowed = told.iter().filter(|verdict| verdict.allowed).count();
        assert_eq!(allowed, 10);
        assert_eq!(told[0].remaining, 9);
        assert_eq!(told[0].reset, Duration::from_secs(6));
        assert_eq!((told[9].remaining, told[9].reset.as_secs()), (0, 60));
        assert_eq!(told[10].retry, Duration::from_secs(6));
        assert_eq!(told[11], told[10], "a refusal costs nothing");
    }

    #[test]
    fn in_the_long_run_no_more_than_the_pace() {
        let rule = Rule::per_minute(60).unwrap();
        let every_tenth = (0..6000).map(|n| n * 100_000);
        let told = run(rule, every_tenth);
        let allowed = told.iter().filter(|verdict| verdict.allowed).count();
        assert!((655..=661).contains(&allowed), "{allowed} in ten minutes");
    }

    #[test]
    fn nothing_is_forgotten_and_nothing_is_saved_up() {
        let rule = Rule::per_minute(2).unwrap();
        let told = run(
            rule,
            [0, 0, 29_000_000, 30_000_000, 900_000_000].into_iter(),
        );
        let allowed: Vec<bool> = told.iter().map(|verdict| verdict.allowed).collect();
        assert_eq!(allowed, [true, true, false, true, true]);
        assert_eq!(told[4].remaining, 1, "an hour of silence earns no more");
        assert!(Rule::per_minute(0).is_none());
        assert!(Rule::per_minute(u32::MAX).unwrap().period() > 0);
    }
}
