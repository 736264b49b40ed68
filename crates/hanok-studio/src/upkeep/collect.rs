//! The sweep of a running server: objects that no row has named for long, what killed writers left,
//! checkpoints of runs that are over for long, and answers kept for requests that nobody repeats any more.

use std::time::Duration;

use hanok_domain::fault::Fault;
use hanok_store::rows::projects::Project;

use crate::studio::Studio;

/// Answers under an `Idempotency-Key` are kept for a week.
const ANSWERS: Duration = Duration::from_secs(7 * 24 * 3600);

/// What a sweep removed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Collected {
    /// Objects that no row named.
    pub objects: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Temporary files and half-made directories.
    pub temporary: u64,
    /// Runs whose checkpoints nobody goes on from.
    pub checkpoints: u64,
    /// Kept answers.
    pub answers: u64,
}

impl Studio {
    /// Removes what nothing refers to and nobody has stored for `grace`. An object gets its row soon after
    /// it is stored, and storing it again makes it young: so nothing that is on its way to a row is taken.
    /// Projects that the database does not know are left alone.
    pub async fn collect(&self, grace: Duration) -> Result<Collected, Fault> {
        let mut collected = Collected {
            temporary: self.remove_leftovers(grace)?,
            ..Collected::default()
        };
        self.erase_expired_projects().await?;
        let projects: Vec<Project> = self
            .store()
            .read(|tx| async move { tx.projects().list().await })
            .await?;
        for project in &projects {
            self.collect_project(&project.id, grace, &mut collected)
                .await?;
        }
        collected.checkpoints = self.forget_checkpoints(&projects).await?;
        let keep = i64::try_from(ANSWERS.as_micros()).unwrap_or(i64::MAX);
        collected.answers = self
            .store()
            .write(|tx| async move {
                let now = tx.now().await?;
                tx.idempotency().forget_before(now - keep).await
            })
            .await?;
        Ok(collected)
    }

    async fn collect_project(
        &self,
        project: &str,
        grace: Duration,
        collected: &mut Collected,
    ) -> Result<(), Fault> {
        let stored = self.objects().stored(project)?.into_iter();
        for object in stored.filter(|object| object.idle >= grace) {
            let hash = object.hash.as_str();
            let row = self
                .store()
                .read(|tx| async move { tx.objects().get(project, hash).await })
                .await?;
            if row.is_none() && self.objects().delete_idle(project, hash, grace)? {
                tracing::info!(project, hash, "removed an object that no row names");
                collected.objects += 1;
                collected.bytes += object.size;
            }
        }
        Ok(())
    }
}
