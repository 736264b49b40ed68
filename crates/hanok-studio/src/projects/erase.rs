//! Projects whose time in the bin is over are erased by the sweep: rows, then objects, then the project.

use std::time::Duration;

use hanok_domain::fault::Fault;
use hanok_store::rows::jobs::JobFilter;
use hanok_store::rows::projects::Project;
use hanok_store::{Page, Tx};

use crate::studio::Studio;

impl Studio {
    /// Erases them; says how many.
    pub(crate) async fn erase_expired_projects(&self) -> Result<u64, Fault> {
        let expired: Vec<Project> = self
            .store()
            .read(|tx| async move { tx.projects().expired().await })
            .await?;
        let mut erased = 0;
        for project in &expired {
            erased += u64::from(self.erase_project(&project.id).await?);
        }
        Ok(erased)
    }

    async fn erase_project(&self, project: &str) -> Result<bool, Fault> {
        let emptied = self
            .store()
            .write(|tx| async move {
                tx.projects().lock(project).await?;
                // A worker that is asked to stop still writes; the next sweep comes again.
                if is_at_work(&tx, project).await? {
                    return Ok::<_, Fault>(false);
                }
                tx.projects().empty(project).await?;
                Ok(true)
            })
            .await?;
        if !emptied {
            return Ok(false);
        }
        for object in self.objects().stored(project)? {
            let hash = object.hash.as_str();
            self.objects().delete_idle(project, hash, Duration::ZERO)?;
        }
        self.store()
            .write(|tx| async move { tx.projects().erase(project).await })
            .await?;
        tracing::info!(project, "erased a project whose time in the bin was over");
        Ok(true)
    }
}

async fn is_at_work(tx: &Tx, project: &str) -> Result<bool, Fault> {
    let running = JobFilter {
        kind: None,
        state: Some("running".to_owned()),
    };
    let found = tx
        .jobs()
        .list_where(project, &running, &Page::first(1))
        .await?;
    Ok(!found.is_empty())
}
