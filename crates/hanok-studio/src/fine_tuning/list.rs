//! Jobs listed and looked at.

use hanok_domain::fault::Fault;

use super::{FineTuneView, view};
use crate::access::Caller;
use crate::studio::Studio;
use crate::{Listed, PageRequest};

impl Studio {
    /// The project's jobs, newest first.
    pub async fn fine_tunes(
        &self,
        caller: &Caller,
        page: PageRequest,
    ) -> Result<Listed<FineTuneView>, Fault> {
        let (project, rows) = (&caller.project_id, &page.rows());
        let found = self
            .store()
            .read(|tx| async move {
                let mut found = Vec::new();
                for job in tx.fine_tunes().list(project, rows).await? {
                    found.push(view(&tx, job).await?);
                }
                Ok::<_, Fault>(found)
            })
            .await?;
        Ok(page.listed(found, |job| &job.id, |job| job))
    }

    /// One job.
    pub async fn fine_tune(&self, caller: &Caller, id: &str) -> Result<FineTuneView, Fault> {
        let project = &caller.project_id;
        self.store()
            .read(|tx| async move {
                let job = tx.fine_tunes().get(project, id).await?;
                let job = job.ok_or_else(|| Fault::not_found("fine-tuning job", id))?;
                view(&tx, job).await
            })
            .await
    }
}
