//! Data sets listed and looked at.

use hanok_domain::fault::Fault;

use super::{DatasetView, view};
use crate::access::Caller;
use crate::studio::Studio;
use crate::{Listed, PageRequest};

impl Studio {
    /// The project's data sets, newest first.
    pub async fn datasets(
        &self,
        caller: &Caller,
        page: PageRequest,
    ) -> Result<Listed<DatasetView>, Fault> {
        let (project, rows) = (&caller.project_id, &page.rows());
        let found = self
            .store()
            .read(|tx| async move {
                let mut found = Vec::new();
                for dataset in tx.datasets().list(project, rows).await? {
                    let version = tx.datasets().latest_version(project, &dataset.id).await?;
                    found.push((dataset, version));
                }
                Ok::<_, Fault>(found)
            })
            .await?;
        Ok(page.listed(
            found,
            |(row, _)| &row.id,
            |(row, version)| view(row, version),
        ))
    }

    /// One data set.
    pub async fn dataset(&self, caller: &Caller, id: &str) -> Result<DatasetView, Fault> {
        let project = &caller.project_id;
        self.store()
            .read(|tx| async move {
                let dataset = tx.datasets().get(project, id).await?;
                let dataset = dataset.ok_or_else(|| Fault::not_found("data set", id))?;
                let version = tx.datasets().latest_version(project, id).await?;
                Ok(view(dataset, version))
            })
            .await
    }
}
