//! A queue with one project, and short ways to act on it. Holds no assertions.

use std::time::Duration;

use hanok_jobs::{ClaimRequest, Failure, Job, JobError, Lease, NewJob, Policy, Queue};
use hanok_store::{RowError, Store};
use hanok_testkit::TestDatabase;
use serde_json::json;

#[derive(Clone)]
pub struct Bench {
    pub store: Store,
    pub queue: Queue,
    pub project: String,
}

/// Leases of an hour, no grace, no pauses.
pub fn patient() -> Policy {
    Policy {
        stall: Duration::from_secs(900),
        lease: Duration::from_secs(3600),
        grace: Duration::ZERO,
        first_pause: Duration::ZERO,
        longest_pause: Duration::ZERO,
    }
}

/// Leases that have run out as soon as they are given.
pub fn hasty() -> Policy {
    Policy {
        lease: Duration::ZERO,
        ..patient()
    }
}

pub fn new_job(project: &str, priority: i64) -> NewJob {
    NewJob {
        project_id: project.to_owned(),
        kind: "run.train".to_owned(),
        executor: "worker".to_owned(),
        payload: json!({ "priority": priority }),
        subject: "run_1".to_owned(),
        priority,
        max_attempts: 3,
    }
}

pub fn request(holder: &str) -> ClaimRequest {
    ClaimRequest {
        holder: holder.to_owned(),
        executor: "worker".to_owned(),
        kinds: vec!["dataset.import".to_owned(), "run.train".to_owned()],
    }
}

pub fn failure(retryable: bool) -> Failure {
    Failure {
        error: RowError {
            code: "out_of_memory".to_owned(),
            message: "It took too much.".to_owned(),
        },
        retryable,
    }
}

impl Bench {
    pub async fn new(db: &TestDatabase, policy: Policy) -> Self {
        let store = db.open().await;
        let (_, project) = TestDatabase::account(&store, "ann").await;
        Self {
            store,
            queue: Queue::new(policy),
            project: project.id,
        }
    }

    /// The same jobs under another policy, as after a restart.
    pub fn under(&self, policy: Policy) -> Self {
        Self {
            queue: Queue::new(policy),
            ..self.clone()
        }
    }

    pub async fn enqueue(&self, priority: i64) -> Job {
        let new = new_job(&self.project, priority);
        let added = self
            .store
            .write(async |tx| self.queue.enqueue(&tx, &new).await)
            .await;
        added.expect("enqueues")
    }

    pub async fn claim(&self, holder: &str) -> Option<Job> {
        let request = request(holder);
        let claimed = self
            .store
            .write(async |tx| self.queue.claim(&tx, &request).await)
            .await;
        claimed.expect("the claim runs")
    }

    pub async fn claim_lease(&self, holder: &str) -> Lease {
        let job = self.claim(holder).await.expect("there is a job");
        job.lease().expect("it is held")
    }

    pub async fn complete(&self, lease: &Lease) -> Result<hanok_jobs::Completion, JobError> {
        self.store
            .write(async |tx| {
                self.queue
                    .complete(&tx, lease, &json!({ "by": lease.holder }))
                    .await
            })
            .await
    }

    pub async fn fail(&self, lease: &Lease, retryable: bool) -> Result<Job, JobError> {
        let failure = failure(retryable);
        self.store
            .write(async |tx| self.queue.fail(&tx, lease, &failure).await)
            .await
    }

    pub async fn progress(&self, lease: &Lease) -> Result<(), JobError> {
        self.store
            .write(async |tx| self.queue.progress(&tx, lease).await)
            .await
    }

    pub async fn beat(&self, lease: &Lease) -> hanok_jobs::BeatState {
        let leases = [lease.clone()];
        let beats = self
            .store
            .write(async |tx| self.queue.heartbeat(&tx, &leases).await)
            .await;
        beats.expect("the heartbeat runs")[0].state
    }

    pub async fn reap(&self) -> Vec<hanok_jobs::Reaped> {
        let reaped = self
            .store
            .write(async |tx| self.queue.reap(&tx).await)
            .await;
        reaped.expect("the reaper runs")
    }

    pub async fn job(&self, id: &str) -> Job {
        let found = self
            .store
            .read(async |tx| tx.jobs().get(&self.project, id).await)
            .await;
        found.expect("reads").expect("there is the job")
    }
}
