//! Runs listed and looked at.

use hanok_domain::fault::Fault;

use super::{RunView, view};
use crate::access::Caller;
use crate::studio::Studio;
use crate::{Listed, PageRequest};

impl Studio {
    /// The project's runs, newest first.
    pub async fn runs(&self, caller: &Caller, page: PageRequest) -> Result<Listed<RunView>, Fault> {
        let (project, rows) = (&caller.project_id, &page.rows());
        let found = self
            .store()
            .read(|tx| async move {
                let mut found = Vec::new();
                for run in tx.runs().list(project, rows).await? {
                    found.push(view(&tx, run).await?);
                }
                Ok::<_, Fault>(found)
            })
            .await?;
        Ok(page.listed(found, |run| &run.id, |run| run))
    }

    /// One run.
    pub async fn run(&self, caller: &Caller, id: &str) -> Result<RunView, Fault> {
        let project = &caller.project_id;
        self.store()
            .read(|tx| async move {
                let run = tx.runs().get(project, id).await?;
                let run = run.ok_or_else(|| Fault::not_found("run", id))?;
                view(&tx, run).await
            })
            .await
    }
}
