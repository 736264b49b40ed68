//! Figures of the whole installation, for monitoring.

use hanok_domain::fault::Fault;

use crate::studio::Studio;
use crate::workers::WorkerView;

/// How many jobs of a kind are in a state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobCount {
    /// For example `run.train`.
    pub kind: String,
    /// For example `queued`.
    pub state: String,
    /// How many.
    pub jobs: i64,
}

/// What the rows say, over all projects.
#[derive(Debug, Clone)]
pub struct Figures {
    /// Jobs.
    pub jobs: Vec<JobCount>,
    /// Workers that gave a sign of life.
    pub workers: Vec<WorkerView>,
    /// Objects that rows refer to.
    pub objects: i64,
    /// Their bytes.
    pub object_bytes: i64,
}

/// How often kept answers were found, of what is not in the rows.
pub use hanok_cache::Figures as CacheFigures;

impl Studio {
    /// The figures as they are now.
    pub async fn figures(&self) -> Result<Figures, Fault> {
        let jobs = self.job_counts().await?;
        let workers = self.workers().await?;
        let (objects, object_bytes) = self
            .store()
            .read(|tx| async move { Ok::<_, Fault>(tx.objects().total().await?) })
            .await?;
        Ok(Figures {
            jobs,
            workers,
            objects,
            object_bytes,
        })
    }

    /// How useful kept answers were since the start.
    pub fn cache_figures(&self) -> CacheFigures {
        self.cache().figures()
    }

    /// Bytes of the database's log that were not folded into it yet, and how often they were too many.
    pub fn log_figures(&self) -> (u64, u64) {
        (self.store().wal_bytes(), self.store().wal_alarms())
    }

    pub(super) async fn job_counts(&self) -> Result<Vec<JobCount>, Fault> {
        let counted = self
            .store()
            .read(|tx| async move { Ok::<_, Fault>(tx.jobs().counts().await?) })
            .await?;
        let count = |c: hanok_store::rows::jobs::Counted| JobCount {
            kind: c.kind,
            state: c.state,
            jobs: c.jobs,
        };
        Ok(counted.into_iter().map(count).collect())
    }
}
