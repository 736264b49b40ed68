//! When a request is sent again: only where the other side said so or was not reached, after a growing
//! pause, and out of a budget that all requests share, so that retries do not finish off who is down.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use reqwest::{Response, StatusCode};

/// What one retry costs; a success brings one.
const COST: i64 = 10;
const MOST: i64 = 20 * COST;
const FIRST_PAUSE: Duration = Duration::from_millis(100);
/// Longer than this nobody is waited for.
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// What is left for retries.
#[derive(Debug)]
pub(crate) struct Budget(AtomicI64);

impl Default for Budget {
    fn default() -> Self {
        Self(AtomicI64::new(MOST))
    }
}

impl Budget {
    pub(crate) fn earn(&self) {
        let more = |left: i64| (left < MOST).then_some(left + 1);
        let _ = self
            .0
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, more);
    }

    pub(crate) fn spend(&self) -> bool {
        let less = |left: i64| (left >= COST).then_some(left - COST);
        let spent = self
            .0
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, less);
        spent.is_ok()
    }
}

/// How long to wait before the next try; none if there shall be none.
pub(crate) fn pause(outcome: &Result<Response, reqwest::Error>, tries: u32) -> Option<Duration> {
    let growing = FIRST_PAUSE.saturating_mul(1 << tries.min(10));
    let asked = match outcome {
        Err(error) if error.is_connect() && !error.is_timeout() => return Some(growing),
        Err(_) => return None,
        Ok(response) => response,
    };
    let again = matches!(
        asked.status(),
        StatusCode::TOO_MANY_REQUESTS
            | StatusCode::BAD_GATEWAY
            | StatusCode::SERVICE_UNAVAILABLE
            | StatusCode::GATEWAY_TIMEOUT
    );
    if !again {
        return None;
    }
    let wanted = asked.headers().get(reqwest::header::RETRY_AFTER);
    let wanted = wanted.and_then(|value| value.to_str().ok()?.parse().ok());
    let wanted = wanted.map_or(growing, |s| growing.max(Duration::from_secs(s)));
    (wanted <= LONGEST_PAUSE).then_some(wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retries_end_with_their_budget_and_come_back_with_successes() {
        let budget = Budget::default();
        assert_eq!((0..100).filter(|_| budget.spend()).count(), 20);
        (0..COST).for_each(|_| budget.earn());
        assert!(budget.spend() && !budget.spend());
    }
}
