//! How much the objects of a project may take.

use hanok_domain::fault::{Fault, FaultKind};

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
