//! The queue's durations.

use std::time::Duration;

/// How long leases are and how retries are spaced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// How long a holder keeps a job without a heartbeat.
    pub lease: Duration,
    /// How long a job may go without getting on before it is taken from its holder, who lives.
    pub stall: Duration,
    /// After a start or an outage: how long holders get to send a heartbeat before
    /// anything is taken from them. At least one heartbeat interval.
    pub grace: Duration,
    /// Pause before the second attempt; doubles with each further one.
    pub first_pause: Duration,
    /// The longest pause.
    pub longest_pause: Duration,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            lease: Duration::from_secs(60),
            stall: Duration::from_secs(900),
            grace: Duration::from_secs(20),
            first_pause: Duration::from_secs(2),
            longest_pause: Duration::from_secs(300),
        }
    }
}

impl Policy {
    /// The pause after this many attempts.
    pub fn pause(&self, attempts: i64) -> Duration {
        let doublings = u32::try_from(attempts.clamp(1, 32) - 1).unwrap_or(0);
        self.first_pause
            .saturating_mul(2_u32.saturating_pow(doublings))
            .min(self.longest_pause)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_the_longest() {
        let policy = Policy::default();
        let pauses = [1, 2, 3, 8, 9, 1000].map(|attempts| policy.pause(attempts).as_secs());
        assert_eq!(pauses, [2, 4, 8, 256, 300, 300]);
        assert_eq!(policy.pause(0), policy.pause(1));
    }
}
