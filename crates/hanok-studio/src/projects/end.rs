//! The end of a project: the bin for seven days, or at once for an owner who typed its name. What it owns
//! cannot be reached from the moment it is in the bin.

use std::time::Duration;

use hanok_domain::fault::{Fault, FaultKind};
use hanok_domain::role::MemberRole;
use hanok_jobs::Cancelled;
use hanok_protocol::job::JobSpec;
use hanok_store::rows::jobs::{Job, JobFilter};
use hanok_store::{Page, Tx};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{BIN, ProjectView, Standing, view};
use crate::access::Caller;
use crate::audit::{Deed, record};
use crate::studio::Studio;

/// How a project is to end.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DeleteProject {
    /// Without a way back.
    pub now: bool,
    /// The project's name, as it stands; needed with `now`.
    pub name: Option<String>,
}

impl Studio {
    /// Puts a project into the bin, or has it erased by the next sweep. Its jobs are cancelled.
    ///
    /// # Errors
    /// 403 where somebody other than an owner wants it erased at once; 422 for another name.
    pub async fn delete_project(
        &self,
        caller: &Caller,
        id: &str,
        how: DeleteProject,
    ) -> Result<ProjectView, Fault> {
        let how = &how;
        self.store()
            .write(|tx| async move {
                tx.projects().lock(id).await?;
                let standing = Standing::of(&tx, caller, id).await?;
                let standing = standing.or_forbidden()?.team()?;
                permit(&standing, how)?;
                let keep = if how.now { Duration::ZERO } else { BIN };
                tx.projects().bin(id, keep).await?;
                self.cancel_jobs_of(&tx, id).await?;
                let action = if how.now {
                    "project.erase"
                } else {
                    "project.delete"
                };
                let deed = Deed::done(action, "project", id)
                    .detail(json!({ "name": standing.project.name }));
                record(&tx, &caller.within(id), deed).await?;
                let project = tx.projects().get(id).await?;
                let project = project.ok_or_else(|| Fault::not_found("project", id))?;
                Ok(view(project, standing.role.as_ref()))
            })
            .await
    }

    /// Takes a project out of the bin. Jobs that were cancelled stay so.
    ///
    /// # Errors
    /// 409 if it is not in the bin, or its time there is over.
    pub async fn restore_project(&self, caller: &Caller, id: &str) -> Result<ProjectView, Fault> {
        self.store()
            .write(|tx| async move {
                tx.projects().lock(id).await?;
                let standing = Standing::of(&tx, caller, id).await?.or_forbidden()?;
                let now = tx.now().await?;
                if standing.project.purge_after.is_none_or(|at| at <= now) {
                    let text = "The project is not in the bin, or its time there is over.";
                    return Err(Fault::conflict("not_in_bin", text));
                }
                tx.projects().restore(id).await?;
                let deed = Deed::done("project.restore", "project", id);
                record(&tx, &caller.within(id), deed).await?;
                let project = tx.projects().get(id).await?;
                let project = project.ok_or_else(|| Fault::not_found("project", id))?;
                Ok(view(project, standing.role.as_ref()))
            })
            .await
    }

    async fn cancel_jobs_of(&self, tx: &Tx, project: &str) -> Result<(), Fault> {
        for state in ["queued", "running"] {
            let filter = JobFilter {
                kind: None,
                state: Some(state.to_owned()),
            };
            let mut page = Page::first(100);
            loop {
                let jobs = tx.jobs().list_where(project, &filter, &page).await?;
                let Some(last) = jobs.last() else { break };
                page = Page::after(&last.id, 100);
                for job in &jobs {
                    self.cancel_one(tx, job).await?;
                }
            }
        }
        Ok(())
    }

    async fn cancel_one(&self, tx: &Tx, job: &Job) -> Result<(), Fault> {
        let project = job.project_id.as_str();
        // A run has more to settle than its job.
        if job.kind == JobSpec::KINDS[1] {
            self.cancel_in(tx, project, &job.subject).await?;
            return Ok(());
        }
        match self.queue().cancel(tx, project, &job.id).await? {
            Cancelled::AtOnce => self.never_began(tx, job).await,
            Cancelled::Requested | Cancelled::Over(_) => Ok(()),
        }
    }
}

fn permit(standing: &Standing, how: &DeleteProject) -> Result<(), Fault> {
    if !how.now {
        return match standing.project.deleted_at {
            None => Ok(()),
            Some(_) => {
                let text = "The project is in the bin already.";
                Err(Fault::conflict("project_deleted", text))
            }
        };
    }
    if standing.role != Some(MemberRole::Owner) {
        let text = "Only an owner may have a project erased at once.";
        return Err(Fault::new(FaultKind::Forbidden, "forbidden", text));
    }
    if how.name.as_deref() != Some(standing.project.name.as_str()) {
        let text = "The name is not that of the project.";
        return Err(Fault::invalid("name_mismatch", text)
            .field("name")
            .remedy("Send the project's name exactly as it stands."));
    }
    Ok(())
}
