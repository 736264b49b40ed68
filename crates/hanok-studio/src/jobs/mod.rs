//! Jobs as people see them: what waits, works and has ended, whatever it is about. The queue's rules are
//! in `hanok-jobs`; what a job does is its subject's.

mod cancel;
mod list;
mod start;

use hanok_domain::fault::Fault;
use hanok_store::rows::jobs::Job;
use serde::{Deserialize, Serialize};

use crate::row_error;
use crate::time::rfc3339;

pub use list::JobQuery;
pub use start::StartJob;

/// A job as surfaces show it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct JobView {
    /// `job_…`.
    pub id: String,
    /// Always `job`.
    pub object: String,
    /// `dataset.import`, `run.train`, `eval.run` or `model.import`.
    pub kind: String,
    /// What it is about: `ds_…`, `run_…`, `eval_…` or `model_…`. Its events are the job's.
    pub subject: String,
    /// `queued`, `running`, `succeeded`, `failed`, `cancelled`.
    pub state: String,
    /// Whether its worker is asked to stop.
    pub cancel_requested: bool,
    /// How often a worker took it.
    pub attempts: i64,
    /// How often one may.
    pub max_attempts: i64,
    /// Why it failed, or failed last.
    pub error: Option<Fault>,
    /// RFC 3339.
    pub created_at: String,
    /// RFC 3339.
    pub started_at: Option<String>,
    /// RFC 3339.
    pub finished_at: Option<String>,
}

impl JobView {
    /// Whether nothing more will come of it.
    pub fn is_over(&self) -> bool {
        matches!(self.state.as_str(), "succeeded" | "failed" | "cancelled")
    }
}

fn view(job: Job) -> JobView {
    JobView {
        id: job.id,
        object: "job".to_owned(),
        kind: job.kind,
        subject: job.subject,
        state: job.state.as_str().to_owned(),
        cancel_requested: job.cancel_requested,
        attempts: job.attempts,
        max_attempts: job.max_attempts,
        error: job.error.map(row_error::from_row),
        created_at: rfc3339(job.created_at),
        started_at: job.started_at.map(rfc3339),
        finished_at: job.finished_at.map(rfc3339),
    }
}
