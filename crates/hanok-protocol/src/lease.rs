//! Registration, leases, heartbeats, events, completion.

use hanok_domain::fault::Fault;
use serde::{Deserialize, Serialize};

use crate::job::{JobResult, JobSpec, ProjectAccess};

/// What a worker process is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WorkerRole {
    /// Leases and runs jobs, one at a time.
    Jobs,
    /// Holds models and answers inference.
    Host,
}

impl WorkerRole {
    /// The word used on the command line and in rows.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Jobs => "jobs",
            Self::Host => "host",
        }
    }
}

/// `POST /worker/v1/register`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Register {
    /// [`crate::VERSION`] of the worker; another one is refused.
    pub version: u32,
    /// `wkr_…`, chosen by the worker, so that a repeated registration is the same worker.
    pub worker: String,
    /// What it is for.
    pub role: WorkerRole,
    /// Process id, for people.
    pub pid: u32,
    /// Where it answers inference: `unix:PATH` or `http(s)://HOST:PORT`. Empty for job workers.
    pub address: String,
    /// Compute threads it may use.
    pub threads: u32,
    /// Memory it may use, bytes (0: no limit known).
    pub memory: u64,
    /// Version of the program.
    pub build: String,
}

/// Answer to [`Register`].
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Registered {
    /// How often to send [`Heartbeat`].
    pub heartbeat_ms: u64,
    /// How long a lease lasts without a heartbeat.
    pub lease_ms: u64,
}

/// `POST /worker/v1/lease`: waits up to `wait_ms` for work; 204 when there is none.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct LeaseRequest {
    /// Who asks.
    pub worker: String,
    /// Longest wait for work.
    pub wait_ms: u64,
}

/// One leased job. `(job, epoch)` goes with every write about it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Assignment {
    /// `job_…`.
    pub job: String,
    /// Raised at each claim: the fence against a worker that was thought dead.
    pub epoch: i64,
    /// What the job is about, for example `run_…`; the topic of its events.
    pub subject: String,
    /// The project whose objects it may read and write.
    pub project: ProjectAccess,
    /// What to do.
    pub spec: JobSpec,
    /// Compute threads granted for it.
    pub threads: u32,
}

/// Names a lease.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeaseRef {
    /// `job_…`.
    pub job: String,
    /// Its epoch.
    pub epoch: i64,
}

/// `POST /worker/v1/heartbeat`: extends the leases named.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Heartbeat {
    /// Who lives.
    pub worker: String,
    /// What it is working on.
    pub leases: Vec<LeaseRef>,
}

/// `POST /worker/v1/leave`: the last message of a worker that ends in an orderly way.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Leave {
    /// Who goes.
    pub worker: String,
}

/// What the gateway says of a lease.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Go on.
    Keep,
    /// Somebody cancelled it: stop, then complete with [`Outcome::Cancelled`].
    Cancel,
    /// Somebody paused it: write down where it is, then complete with [`Outcome::Paused`].
    Pause,
    /// It is another's now: stop at once and write nothing.
    Lost,
}

/// Answer to [`Heartbeat`].
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct HeartbeatReply {
    /// One verdict for each lease named.
    pub leases: Vec<(LeaseRef, Verdict)>,
}

/// One thing that happened in a job.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct NewEvent {
    /// `metric`, `log`, `state`, `progress`.
    pub kind: String,
    /// Its content, by kind.
    pub data: serde_json::Value,
}

/// `POST /worker/v1/events`: a batch, at most four a second and run.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PostEvents {
    /// Who.
    pub worker: String,
    /// Under which lease.
    pub lease: LeaseRef,
    /// In order.
    pub events: Vec<NewEvent>,
}

/// How a job ended.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Outcome {
    /// It is done; the gateway turns the result into rows.
    Done {
        /// What it made.
        result: Box<JobResult>,
    },
    /// It failed; `retryable` puts it back into the queue with backoff.
    Failed {
        /// Why.
        fault: Fault,
        /// Whether another attempt may succeed.
        retryable: bool,
    },
    /// It was cancelled and has stopped.
    Cancelled,
    /// It was paused, has written down where it is and has stopped.
    Paused,
    /// The worker was told to exit; the job waits for another one, as if this attempt had not been.
    Released,
}

/// `POST /worker/v1/complete`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Complete {
    /// Who.
    pub worker: String,
    /// Under which lease.
    pub lease: LeaseRef,
    /// How it ended.
    pub outcome: Outcome,
}
