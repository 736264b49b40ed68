//! The life of a job, from enqueueing to its end. Does not take jobs from the dead: see `reap`.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use hanok_domain::state::JobState;
use hanok_store::rows::jobs::{ClaimRequest, Job, Lease, NewJob, Settlement};
use hanok_store::{RowError, Tx};
use serde_json::Value;

use crate::reap::Grace;
use crate::{JobError, Policy};

/// The queue. Clones share the grace that holders get after a start.
#[derive(Clone)]
pub struct Queue {
    pub(crate) policy: Policy,
    pub(crate) grace: Arc<Mutex<Grace>>,
}

/// What a heartbeat learns of one job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Beat {
    /// The lease that was to be extended.
    pub lease: Lease,
    /// What became of it.
    pub state: BeatState,
}

/// What the holder of a job is to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BeatState {
    /// Go on.
    Ok,
    /// Stop, and report it as cancelled.
    Cancel,
    /// Stop, and report it as paused.
    Pause,
    /// Stop at once and write nothing: it is someone else's.
    Lost,
}

/// Whether a completion counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Completion {
    /// Turn the result into rows now, in the same transaction.
    Done,
    /// The same holder completed the same attempt before; its answer got lost.
    AlreadyDone,
}

/// Why an attempt failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// Stable code and one sentence.
    pub error: RowError,
    /// Whether another attempt may go better.
    pub retryable: bool,
}

/// What cancelling did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cancelled {
    /// It had not started, and will not.
    AtOnce,
    /// Its holder learns of it with the next heartbeat.
    Requested,
    /// It was over before.
    Over(JobState),
}

impl Queue {
    /// A queue with these durations. The grace begins now.
    pub fn new(policy: Policy) -> Self {
        let grace = Arc::new(Mutex::new(Grace::begin(policy.grace)));
        Self { policy, grace }
    }

    /// How long a lease is, for those who must tell their holders.
    pub fn lease(&self) -> Duration {
        self.policy.lease
    }

    /// Adds a job; it exists if and only if the transaction is committed.
    pub async fn enqueue(&self, tx: &Tx, new: &NewJob) -> Result<Job, JobError> {
        Ok(tx.jobs().insert(new).await?)
    }

    /// Claims the best job of these kinds, if there is one.
    pub async fn claim(&self, tx: &Tx, request: &ClaimRequest) -> Result<Option<Job>, JobError> {
        Ok(tx.jobs().claim(request, self.policy.lease).await?)
    }

    /// Extends these leases and tells of each what the holder is to do.
    pub async fn heartbeat(&self, tx: &Tx, leases: &[Lease]) -> Result<Vec<Beat>, JobError> {
        let mut beats = Vec::with_capacity(leases.len());
        for lease in leases {
            let state = match tx.jobs().extend(lease, self.policy.lease).await? {
                None => BeatState::Lost,
                Some(job) if job.cancel_requested => BeatState::Cancel,
                Some(job) if job.pause_requested_at.is_some() => BeatState::Pause,
                Some(_) => BeatState::Ok,
            };
            beats.push(Beat {
                lease: lease.clone(),
                state,
            });
        }
        Ok(beats)
    }

    /// Checks that the lease holds and notes that the job got on. To be called in the
    /// transaction of whatever else the holder writes.
    pub async fn progress(&self, tx: &Tx, lease: &Lease) -> Result<(), JobError> {
        held(tx.jobs().progress(lease).await?, lease)
    }

    /// Ends a job well.
    pub async fn complete(
        &self,
        tx: &Tx,
        lease: &Lease,
        result: &Value,
    ) -> Result<Completion, JobError> {
        let over = Settlement::Over {
            state: JobState::Succeeded,
            result: Some(result.clone()),
            error: None,
        };
        if tx.jobs().settle(lease, &over).await? {
            return Ok(Completion::Done);
        }
        let job = tx.jobs().by_id(&lease.job).await?;
        let by_this_attempt = job.is_some_and(|job| {
            job.state == JobState::Succeeded
                && job.epoch == lease.epoch
                && job.holder.as_deref() == Some(&lease.holder)
        });
        if by_this_attempt {
            return Ok(Completion::AlreadyDone);
        }
        held(false, lease).map(|()| Completion::AlreadyDone)
    }

    /// Ends an attempt badly. Returns the job as it now is: queued again after a pause,
    /// failed for good, or cancelled if that was asked for.
    pub async fn fail(&self, tx: &Tx, lease: &Lease, failure: &Failure) -> Result<Job, JobError> {
        let job = self.must_hold(tx, lease).await?;
        let how = self.after_failure(&job, failure);
        held(tx.jobs().settle(lease, &how).await?, lease)?;
        self.found(tx, &lease.job).await
    }

    /// Ends an attempt whose holder stopped because it was asked to.
    pub async fn cancelled(&self, tx: &Tx, lease: &Lease) -> Result<Job, JobError> {
        held(tx.jobs().settle(lease, &cancelled()).await?, lease)?;
        self.found(tx, &lease.job).await
    }

    /// Hands a job back unharmed, for example because its holder is told to exit:
    /// it waits at its old place, may be claimed at once, and the attempt does not count.
    pub async fn release(&self, tx: &Tx, lease: &Lease) -> Result<Job, JobError> {
        let job = self.must_hold(tx, lease).await?;
        let how = if job.cancel_requested {
            cancelled()
        } else {
            Settlement::Again {
                delay: Duration::ZERO,
                attempts: job.attempts - 1,
                error: None,
            }
        };
        held(tx.jobs().settle(lease, &how).await?, lease)?;
        self.found(tx, &lease.job).await
    }

    /// Pauses a job: ends it at once if it has not started, else by asking its holder. What is to go on
    /// later is another job.
    pub async fn pause(&self, tx: &Tx, project: &str, job: &str) -> Result<Cancelled, JobError> {
        for _ in 0..2 {
            if tx.jobs().cancel_queued(project, job).await? {
                return Ok(Cancelled::AtOnce);
            }
            if tx.jobs().request_pause(project, job).await? {
                return Ok(Cancelled::Requested);
            }
        }
        self.over(tx, project, job).await
    }

    /// Cancels a job: at once if it has not started, else by asking its holder.
    pub async fn cancel(&self, tx: &Tx, project: &str, job: &str) -> Result<Cancelled, JobError> {
        // A claim or a release may come between the two updates: then look once more.
        for _ in 0..2 {
            if tx.jobs().cancel_queued(project, job).await? {
                return Ok(Cancelled::AtOnce);
            }
            if tx.jobs().request_cancel(project, job).await? {
                return Ok(Cancelled::Requested);
            }
        }
        self.over(tx, project, job).await
    }

    async fn over(&self, tx: &Tx, project: &str, job: &str) -> Result<Cancelled, JobError> {
        match tx.jobs().get(project, job).await? {
            Some(job) => Ok(Cancelled::Over(job.state)),
            None => Err(JobError::Absent {
                job: job.to_owned(),
            }),
        }
    }

    pub(crate) fn after_failure(&self, job: &Job, failure: &Failure) -> Settlement {
        if job.cancel_requested {
            return cancelled();
        }
        if failure.retryable && job.attempts < job.max_attempts {
            return Settlement::Again {
                delay: self.policy.pause(job.attempts),
                attempts: job.attempts,
                error: Some(failure.error.clone()),
            };
        }
        Settlement::Over {
            state: JobState::Failed,
            result: None,
            error: Some(failure.error.clone()),
        }
    }

    async fn must_hold(&self, tx: &Tx, lease: &Lease) -> Result<Job, JobError> {
        let job = tx.jobs().by_id(&lease.job).await?;
        let job = job.filter(|job| job.lease().as_ref() == Some(lease));
        job.ok_or_else(|| JobError::LeaseLost {
            job: lease.job.clone(),
        })
    }

    async fn found(&self, tx: &Tx, job: &str) -> Result<Job, JobError> {
        let found = tx.jobs().by_id(job).await?;
        found.ok_or_else(|| JobError::Absent {
            job: job.to_owned(),
        })
    }
}

fn cancelled() -> Settlement {
    Settlement::Over {
        state: JobState::Cancelled,
        result: None,
        error: None,
    }
}

fn held(still: bool, lease: &Lease) -> Result<(), JobError> {
    if still {
        return Ok(());
    }
    Err(JobError::LeaseLost {
        job: lease.job.clone(),
    })
}
