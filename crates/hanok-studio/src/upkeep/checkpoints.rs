//! Checkpoints of runs that nobody goes on with: those of runs that are over for a week, or deleted.

use std::time::Duration;

use hanok_domain::fault::Fault;
use hanok_store::rows::projects::Project;
use hanok_store::rows::runs::Run;

use crate::studio::Studio;

/// How long a run that was cancelled or has failed can be gone on with.
const KEPT: Duration = Duration::from_secs(7 * 24 * 3600);

impl Studio {
    /// Removes them; tells of how many runs.
    pub(super) async fn forget_checkpoints(&self, projects: &[Project]) -> Result<u64, Fault> {
        let mut removed = 0;
        for left in self.objects().leftovers("runs", "run_")? {
            let name = left.path.file_name().and_then(|name| name.to_str());
            let Some(run) = name.filter(|_| left.idle >= KEPT) else {
                continue;
            };
            let over = match self.run_of_any(projects, run).await? {
                Some(run) => run.state.is_final() && self.is_old(run.updated_at).await?,
                None => true,
            };
            removed += u64::from(over && self.remove_leftover(&left));
        }
        Ok(removed)
    }

    async fn run_of_any(&self, projects: &[Project], id: &str) -> Result<Option<Run>, Fault> {
        for project in projects {
            let of = project.id.as_str();
            let found: Option<Run> = self
                .store()
                .read(|tx| async move { tx.runs().get(of, id).await })
                .await?;
            if found.is_some() {
                return Ok(found);
            }
        }
        Ok(None)
    }

    async fn is_old(&self, at: i64) -> Result<bool, Fault> {
        let now: i64 = self
            .store()
            .read(|tx| async move { tx.now().await })
            .await?;
        let kept = i64::try_from(KEPT.as_micros()).unwrap_or(i64::MAX);
        Ok(now.saturating_sub(at) >= kept)
    }
}
