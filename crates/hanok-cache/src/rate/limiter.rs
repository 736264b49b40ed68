//! Rates as others use them: one type, whichever home counts.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use super::gcra::{self, Rule, Verdict};
use super::table::Table;
use crate::redis::Redis;
use crate::{CacheError, RedisSettings};

/// Subjects that one process remembers at most.
const MOST: usize = 1 << 16;

/// The algorithm in Redis, on Redis' own clock, in one round trip. `ARGV`: period, window and cost, µs.
pub(crate) const SCRIPT: &str = "\
local t = redis.call('TIME')
local now = t[1] * 1000000 + t[2]
local till = math.max(tonumber(redis.call('GET', KEYS[1]) or '0'), now)
local cost = tonumber(ARGV[3])
local ahead = till + cost - now
if till + tonumber(ARGV[1]) - now > tonumber(ARGV[2]) then return {0, till - now} end
if cost > 0 then
  redis.call('SET', KEYS[1], string.format('%.0f', till + cost), 'PX', math.ceil(ahead / 1000) + 1)
end
return {1, ahead}";

/// Counts what subjects do. Cheap to clone.
#[derive(Clone)]
pub struct Limiter(Arc<Inner>);

struct Inner {
    began: Instant,
    table: Table,
    known: Table,
    redis: Option<Redis>,
    alone: AtomicBool,
    fallbacks: AtomicU64,
}

/// How a limiter fares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LimiterFigures {
    /// Whether servers count together now; none where they are not meant to.
    pub shared: Option<bool>,
    /// Calls that Redis did not answer; this process counted instead.
    pub fallbacks: u64,
}

impl fmt::Debug for Limiter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.figures().fmt(f)
    }
}

impl Default for Limiter {
    fn default() -> Self {
        Self::new(None)
    }
}

impl Limiter {
    /// In Redis; connects with the first call.
    ///
    /// # Errors
    /// Settings that make no sense.
    pub fn redis(settings: RedisSettings) -> Result<Self, CacheError> {
        Ok(Self::new(Some(Redis::new(settings)?)))
    }

    fn new(redis: Option<Redis>) -> Self {
        Self(Arc::new(Inner {
            began: Instant::now(),
            table: Table::new(MOST),
            known: Table::new(MOST),
            redis,
            alone: AtomicBool::new(false),
            fallbacks: AtomicU64::new(0),
        }))
    }

    /// The subject does it once more.
    pub async fn take(&self, subject: &str, rule: Rule) -> Verdict {
        self.ask(subject, rule, rule.period()).await
    }

    /// Whether the subject might do it once more.
    pub async fn peek(&self, subject: &str, rule: Rule) -> Verdict {
        self.ask(subject, rule, 0).await
    }

    /// Keeps in mind that a subject is well known, in this process.
    pub fn remember(&self, subject: &str, time: Duration) {
        let now = self.now();
        let time = i64::try_from(time.as_micros()).unwrap_or(i64::MAX / 2);
        self.0
            .known
            .change(subject, now, |_| (Some(now + time), ()));
    }

    /// Whether a subject was well known a while ago.
    pub fn remembers(&self, subject: &str) -> bool {
        let now = self.now();
        self.0
            .known
            .change(subject, now, |until| (None, until > now))
    }

    /// How it fares.
    pub fn figures(&self) -> LimiterFigures {
        let inner = &self.0;
        let shared = inner.redis.as_ref();
        LimiterFigures {
            shared: shared.map(|_| !inner.alone.load(Ordering::Relaxed)),
            fallbacks: inner.fallbacks.load(Ordering::Relaxed),
        }
    }

    async fn ask(&self, subject: &str, rule: Rule, cost: i64) -> Verdict {
        let inner = &self.0;
        if let Some(redis) = &inner.redis {
            match redis.rate(subject, rule, cost).await {
                Ok((allowed, ahead)) => {
                    if inner.alone.swap(false, Ordering::Relaxed) {
                        tracing::info!("rate limits are shared by way of Redis again");
                    }
                    return Verdict::new(allowed, ahead, rule);
                }
                Err(error) => {
                    inner.fallbacks.fetch_add(1, Ordering::Relaxed);
                    // Once each time that it begins: requests are many.
                    if !inner.alone.swap(true, Ordering::Relaxed) {
                        tracing::warn!(%error, "rate limits hold for this server alone");
                    }
                }
            }
        }
        self.ask_here(subject, rule, cost)
    }

    fn ask_here(&self, subject: &str, rule: Rule, cost: i64) -> Verdict {
        let now = self.now();
        self.0.table.change(subject, now, |until| {
            let (next, ahead) = gcra::take(until, now, rule);
            match cost {
                0 => (
                    None,
                    Verdict::new(next.is_some(), (until - now).max(0), rule),
                ),
                _ => (next, Verdict::new(next.is_some(), ahead, rule)),
            }
        })
    }

    fn now(&self) -> i64 {
        // From 1 on: 0 is the moment of whoever has none.
        i64::try_from(self.0.began.elapsed().as_micros()).unwrap_or(i64::MAX / 2) + 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn subjects_have_limits_of_their_own_and_looking_costs_nothing() {
        let limiter = Limiter::default();
        let rule = Rule::per_minute(3).unwrap();
        for left in [2, 1, 0] {
            assert!(limiter.peek("a", rule).await.allowed);
            assert_eq!(limiter.take("a", rule).await.remaining, left);
        }
        assert!(!limiter.peek("a", rule).await.allowed);
        assert!(!limiter.take("a", rule).await.allowed);
        assert!(limiter.take("b", rule).await.allowed);
    }

    #[tokio::test]
    async fn many_at_once_get_as_many_as_there_are() {
        let limiter = Limiter::default();
        let rule = Rule::per_minute(50).unwrap();
        let calls = (0..200).map(|_| {
            let limiter = limiter.clone();
            tokio::spawn(async move { limiter.take("a", rule).await.allowed })
        });
        let mut allowed = 0;
        for call in calls.collect::<Vec<_>>() {
            allowed += u32::from(call.await.unwrap());
        }
        assert!((50..=52).contains(&allowed), "{allowed}");
    }

    #[test]
    fn who_is_remembered_is_forgotten_in_time() {
        let limiter = Limiter::default();
        assert!(!limiter.remembers("a"));
        limiter.remember("a", Duration::from_secs(60));
        assert!(limiter.remembers("a") && !limiter.remembers("b"));
        limiter.remember("a", Duration::ZERO);
        assert!(!limiter.remembers("a"));
    }
}
