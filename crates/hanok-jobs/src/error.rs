//! What the queue refuses.

use hanok_domain::fault::Fault;
use hanok_store::StoreError;

/// An error of the queue.
#[derive(Debug, thiserror::Error)]
pub enum JobError {
    /// The job is not the caller's any more: stop, and throw the work away.
    #[error("the lease on job '{job}' is lost")]
    LeaseLost {
        /// The job.
        job: String,
    },
    /// There is no such job in this project.
    #[error("there is no job '{job}'")]
    Absent {
        /// The job.
        job: String,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<JobError> for Fault {
    fn from(error: JobError) -> Self {
        match error {
            JobError::LeaseLost { .. } => Fault::conflict("lease_lost", error.to_string()),
            JobError::Absent { job } => Fault::not_found("job", &job),
            JobError::Store(error) => error.into(),
        }
    }
}
