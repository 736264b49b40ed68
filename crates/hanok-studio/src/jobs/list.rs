//! Jobs listed and looked at.

use hanok_domain::fault::Fault;
use hanok_store::Tx;
use hanok_store::rows::jobs::{Job, JobFilter};

use super::{JobView, view};
use crate::access::Caller;
use crate::studio::Studio;
use crate::{Listed, PageRequest};

/// Which jobs are wanted; what is not said does not matter.
#[derive(Debug, Clone, Default)]
pub struct JobQuery {
    /// For example `run.train`.
    pub kind: Option<String>,
    /// For example `running`.
    pub state: Option<String>,
}

impl Studio {
    /// The project's jobs, newest first.
    pub async fn jobs(
        &self,
        caller: &Caller,
        query: JobQuery,
        page: PageRequest,
    ) -> Result<Listed<JobView>, Fault> {
        let filled = |text: Option<String>| text.filter(|text| !text.is_empty());
        let filter = &JobFilter {
            kind: filled(query.kind),
            state: filled(query.state),
        };
        let (project, rows) = (&caller.project_id, &page.rows());
        let found: Vec<Job> = self
            .store()
            .read(|tx| async move { tx.jobs().list_where(project, filter, rows).await })
            .await?;
        Ok(page.listed(found, |job| &job.id, view))
    }

    /// One job, by its own id or by that of what it is about.
    pub async fn job(&self, caller: &Caller, id: &str) -> Result<JobView, Fault> {
        let project = &caller.project_id;
        let job = self
            .store()
            .read(|tx| async move { find(&tx, project, id).await })
            .await?;
        Ok(view(job))
    }
}

/// A job by its own id or its subject's.
pub(super) async fn find(tx: &Tx, project: &str, id: &str) -> Result<Job, Fault> {
    let found = match tx.jobs().get(project, id).await? {
        Some(job) => Some(job),
        None => tx.jobs().about(project, id).await?,
    };
    found.ok_or_else(|| Fault::not_found("job", id))
}
