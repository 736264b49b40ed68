//! Takes jobs from holders that fell silent. Patient after a start or an outage, when
//! holders could not be heard.

use std::sync::PoisonError;
use std::time::{Duration, Instant};

use hanok_domain::state::JobState;
use hanok_store::{RowError, Tx};

use crate::queue::Failure;
use crate::{Job, JobError, Queue};

/// Code of the failure of a job whose holder fell silent.
pub const WORKER_LOST: &str = "worker_lost";
/// Code of the failure of a job that did not get on although its holder lives.
pub const STALLED: &str = "worker_stalled";

const AT_ONCE: u64 = 100;

/// A job that was taken from its holder.
#[derive(Debug, Clone, PartialEq)]
pub struct Reaped {
    /// As it was while held.
    pub before: Job,
    /// What it is now: queued again, failed, or cancelled.
    pub state: JobState,
}

/// Until when nothing is taken from anyone.
pub(crate) struct Grace {
    length: Duration,
    until: Instant,
    last_look: Instant,
}

impl Grace {
    pub(crate) fn begin(length: Duration) -> Self {
        let now = Instant::now();
        Self {
            length,
            until: now + length,
            last_look: now,
        }
    }

    /// A gap between looks means that we were asleep or without a database, and
    /// could not have heard anyone.
    fn is_over(&mut self, now: Instant) -> bool {
        if now.duration_since(self.last_look) > 2 * self.length {
            self.until = now + self.length;
        }
        now >= self.until
    }
}

impl Queue {
    /// Takes jobs whose lease ran out: back to the queue, or failed as [`WORKER_LOST`]
    /// when out of attempts. To be called more often than twice per grace.
    pub async fn reap(&self, tx: &Tx) -> Result<Vec<Reaped>, JobError> {
        let now = Instant::now();
        if !self.with_grace(|grace| grace.is_over(now)) {
            self.with_grace(|grace| grace.last_look = now);
            return Ok(Vec::new());
        }
        let mut reaped = Vec::new();
        // A clock that was set back must not keep a dead holder's job for days.
        tx.jobs()
            .clamp(self.policy.lease, self.policy.longest_pause)
            .await?;
        for job in tx.jobs().expired(AT_ONCE).await? {
            let how = self.after_failure(&job, &lost(&job));
            // A heartbeat that came in between keeps its job.
            if tx.jobs().settle_expired(&job, &how).await? {
                let now = tx.jobs().by_id(&job.id).await?;
                let state = now.map_or(JobState::Queued, |job| job.state);
                reaped.push(Reaped { before: job, state });
            }
        }
        self.with_grace(|grace| grace.last_look = now);
        Ok(reaped)
    }

    /// Takes jobs that do not get on from holders that live. Their processes are to be ended.
    pub async fn reap_stalled(&self, tx: &Tx) -> Result<Vec<Reaped>, JobError> {
        let mut reaped = Vec::new();
        if !self.with_grace(|grace| Instant::now() >= grace.until) {
            return Ok(reaped);
        }
        for job in tx.jobs().stalled(self.policy.stall, AT_ONCE).await? {
            reaped.extend(self.take(tx, job, &stalled(self.policy.stall)).await?);
        }
        Ok(reaped)
    }

    /// Takes the jobs of a holder that is known to be dead.
    pub async fn reap_holder(
        &self,
        tx: &Tx,
        holder: &str,
        failure: &Failure,
    ) -> Result<Vec<Reaped>, JobError> {
        let mut reaped = Vec::new();
        for job in tx.jobs().held_by(holder).await? {
            reaped.extend(self.take(tx, job, failure).await?);
        }
        Ok(reaped)
    }

    async fn take(&self, tx: &Tx, job: Job, how: &Failure) -> Result<Option<Reaped>, JobError> {
        let Some(lease) = job.lease() else {
            return Ok(None);
        };
        let settlement = self.after_failure(&job, how);
        if !tx.jobs().settle(&lease, &settlement).await? {
            return Ok(None);
        }
        let now = tx.jobs().by_id(&job.id).await?;
        let state = now.map_or(JobState::Queued, |job| job.state);
        Ok(Some(Reaped { before: job, state }))
    }

    fn with_grace<T>(&self, act: impl FnOnce(&mut Grace) -> T) -> T {
        act(&mut self.grace.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn stalled(limit: Duration) -> Failure {
    Failure {
        error: RowError {
            code: STALLED.to_owned(),
            message: format!("The job did not get on for {} s.", limit.as_secs()),
        },
        retryable: true,
    }
}

fn lost(job: &Job) -> Failure {
    let holder = job.holder.as_deref().unwrap_or("(unknown)");
    Failure {
        error: RowError {
            code: WORKER_LOST.to_owned(),
            message: format!(
                "Worker {holder} fell silent in attempt {} of {}.",
                job.attempts, job.max_attempts
            ),
        },
        retryable: true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grace_begins_again_after_a_gap() {
        let second = Duration::from_secs(1);
        let mut grace = Grace::begin(10 * second);
        let start = grace.last_look;
        assert!(!grace.is_over(start + 9 * second));
        grace.last_look = start + 9 * second;
        assert!(grace.is_over(start + 11 * second));
        grace.last_look = start + 11 * second;
        assert!(!grace.is_over(start + 60 * second));
        grace.last_look = start + 60 * second;
        assert!(!grace.is_over(start + 69 * second));
        grace.last_look = start + 69 * second;
        assert!(grace.is_over(start + 70 * second));
    }
}
