//! How long a call may take and how often it is tried: one rule for every request.
//!
//! A call has its budget, and beyond that the time which its bytes need at the slowest speed that
//! still counts as progress. What takes longer is given up, whatever the reason.

use std::future::Future;
use std::time::{Duration, Instant};

use tokio::time::{sleep, timeout};

use super::failure::Verdict;
use super::service::Service;
use crate::ObjectError;
use crate::staged::random_bytes;

const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// What the settings say about time.
#[derive(Debug, Clone, Copy)]
pub(super) struct Patience {
    pub(super) budget: Duration,
    pub(super) slowest: u64,
    pub(super) first_pause: Duration,
}

impl Patience {
    /// All of a call that moves so many bytes.
    pub(super) fn of(&self, bytes: u64) -> Duration {
        self.budget + Duration::from_secs_f64(bytes as f64 / self.slowest.max(1) as f64)
    }

    /// One try of it: a connection that hangs leaves time for another.
    pub(super) fn of_try(&self, bytes: u64) -> Duration {
        self.of(bytes) - self.budget + self.budget / 3
    }

    pub(super) fn pauses(&self) -> Pauses {
        Pauses(self.first_pause)
    }
}

/// Pauses between tries, each about twice as long as the one before, up to a limit.
pub(super) struct Pauses(Duration);

impl Pauses {
    pub(super) fn next(&mut self) -> Duration {
        let pause = self.0;
        self.0 = (pause * 2).min(LONGEST_PAUSE);
        // Between half and one and a half, so that many callers do not come back at once.
        let mut byte = [128];
        let _ = random_bytes(&mut byte);
        pause / 2 + pause.mul_f64(f64::from(byte[0]) / 256.0)
    }
}

impl Service {
    /// Does `work`, which moves `bytes`, until it succeeds, cannot succeed, or the call's time is
    /// up. None: what was asked for is not there.
    pub(super) async fn persist<T, F>(
        &self,
        action: &str,
        bytes: u64,
        work: impl Fn() -> F,
    ) -> Result<Option<T>, ObjectError>
    where
        F: Future<Output = object_store::Result<T>>,
    {
        let deadline = Instant::now() + self.patience.of(bytes);
        let one_try = self.patience.of_try(bytes);
        let mut pauses = self.patience.pauses();
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let why = match timeout(left.min(one_try), work()).await {
                Ok(Ok(value)) => return Ok(Some(value)),
                Ok(Err(error)) => match self.place.judge(action, &error) {
                    Verdict::Absent => return Ok(None),
                    Verdict::Final(error) => return Err(error),
                    Verdict::Passing(why) => why,
                },
                Err(_) => "it did not answer in time".into(),
            };
            let pause = pauses.next();
            if Instant::now() + pause >= deadline {
                return Err(self.place.unavailable(action, &why));
            }
            tracing::debug!(action, why, "a request to the bucket is tried again");
            sleep(pause).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATIENCE: Patience = Patience {
        budget: Duration::from_secs(9),
        slowest: 1000,
        first_pause: Duration::from_millis(100),
    };

    #[test]
    fn bytes_buy_time() {
        assert_eq!(PATIENCE.of(0), Duration::from_secs(9));
        assert_eq!(PATIENCE.of(5000), Duration::from_secs(14));
        assert_eq!(PATIENCE.of_try(5000), Duration::from_secs(8));
    }

    #[test]
    fn pauses_grow_to_a_limit_and_differ() {
        let mut pauses = PATIENCE.pauses();
        let first = pauses.next();
        assert!(first >= Duration::from_millis(50) && first <= Duration::from_millis(150));
        let later: Vec<Duration> = (0..20).map(|_| pauses.next()).collect();
        assert!(later.iter().all(|pause| *pause <= LONGEST_PAUSE * 3 / 2));
        assert!(later[19] >= LONGEST_PAUSE / 2);
    }
}
