//! What an answer tells of a limit: OpenAI's headers, in OpenAI's forms.

use std::time::Duration;

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};

use super::Passed;

impl Passed {
    /// Writes the headers; on a refusal also when to come back.
    pub fn tell(&self, headers: &mut HeaderMap) {
        let Some(verdict) = self.0 else {
            return;
        };
        let told = [
            ("x-ratelimit-limit-requests", verdict.limit.to_string()),
            (
                "x-ratelimit-remaining-requests",
                verdict.remaining.to_string(),
            ),
            ("x-ratelimit-reset-requests", duration(verdict.reset)),
        ];
        for (name, value) in told {
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.insert(HeaderName::from_static(name), value);
            }
        }
        if !verdict.allowed {
            headers.insert(header::RETRY_AFTER, seconds(verdict.retry).into());
        }
    }
}

/// Whole seconds, never too early.
pub(super) fn seconds(wait: Duration) -> u64 {
    wait.as_micros()
        .div_ceil(1_000_000)
        .try_into()
        .unwrap_or(u64::MAX)
        .max(1)
}

/// `20ms`, `1s`, `6m0s`.
fn duration(time: Duration) -> String {
    if time < Duration::from_secs(1) {
        return format!("{}ms", time.as_micros().div_ceil(1000));
    }
    match seconds(time) {
        s @ 0..60 => format!("{s}s"),
        s => format!("{}m{}s", s / 60, s % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_the_forms_that_clients_read() {
        for (ms, text) in [(0, "0ms"), (17, "17ms"), (1000, "1s"), (1001, "2s")] {
            assert_eq!(duration(Duration::from_millis(ms)), text);
        }
        assert_eq!(duration(Duration::from_secs(360)), "6m0s");
        assert_eq!(seconds(Duration::ZERO), 1);
        assert_eq!(seconds(Duration::from_millis(5001)), 6);
    }
}
