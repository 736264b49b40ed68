//! How much the objects of a project may take.

use hanok_domain::fault::{Fault, FaultKind};
use hanok_protocol::job::ObjectName;
use hanok_store::Tx;

use crate::studio::Studio;

impl Studio {
    /// Bytes that the project may still store, if that is bounded.
    ///
    /// # Errors
    /// Also when none are left.
    pub(crate) async fn room_of(&self, project: &str) -> Result<Option<u64>, Fault> {
        let Some(quota) = self.quota() else {
            return Ok(None);
        };
        let used: i64 = self
            .store()
            .read(|tx| async move { tx.objects().bytes_of(project).await })
            .await?;
        let used = u64::try_from(used).unwrap_or_default();
        match quota.checked_sub(used).filter(|room| *room > 0) {
            Some(room) => Ok(Some(room)),
            None => Err(self.quota_exceeded()),
        }
    }

    /// Makes an uploaded object the project's, unless it has too many bytes by now: others may have been
    /// uploaded at the same time.
    pub(crate) async fn keep_upload(
        &self,
        tx: &Tx,
        project: &str,
        object: &ObjectName,
    ) -> Result<(), Fault> {
        let size = i64::try_from(object.size).unwrap_or(i64::MAX);
        let Some(quota) = self.quota() else {
            return Ok(tx.objects().put(project, &object.hash, size).await?);
        };
        // One at a time from here on, so that none counts without the other.
        tx.projects().lock(project).await?;
        tx.objects().put(project, &object.hash, size).await?;
        let used = tx.objects().bytes_of(project).await?;
        match u64::try_from(used).is_ok_and(|used| used > quota) {
            true => Err(self.quota_exceeded()),
            false => Ok(()),
        }
    }

    /// What is told to a project whose objects take all that they may.
    pub(crate) fn quota_exceeded(&self) -> Fault {
        let quota = self.quota().unwrap_or_default() >> 20;
        Fault::new(
            FaultKind::StorageFull,
            "quota_exceeded",
            format!("The project may store {quota} MB, and this would be more."),
        )
        .remedy("Delete data sets, files or models that you no longer need, or have STORAGE_QUOTA raised.")
    }
}
