//! A job is cancelled: at once while it waits, by asking its worker while it runs. What it is about
//! changes with it.

use hanok_domain::fault::Fault;
use hanok_jobs::Cancelled;
use hanok_protocol::job::JobSpec;

use super::JobView;
use super::list::find;
use crate::access::Caller;
use crate::audit::{Deed, record};
use crate::studio::Studio;

impl Studio {
    /// Cancels a job; one that is over already is a conflict.
    pub async fn cancel_job(&self, caller: &Caller, id: &str) -> Result<JobView, Fault> {
        let project = &caller.project_id;
        let job = self.job(caller, id).await?;
        // A run has more to settle than its job.
        if job.kind == JobSpec::KINDS[1] {
            self.cancel_run(caller, &job.subject).await?;
            return self.job(caller, &job.id).await;
        }
        let id = &job.id;
        self.store()
            .write(|tx| async move {
                // Where it is too late, this goes with everything else.
                record(&tx, caller, Deed::done("job.cancel", "job", id)).await?;
                match self.queue().cancel(&tx, project, id).await? {
                    Cancelled::Requested => Ok(()),
                    Cancelled::AtOnce => {
                        let job = find(&tx, project, id).await?;
                        self.never_began(&tx, &job).await
                    }
                    Cancelled::Over(state) => {
                        let text = format!("The job is {state} already.");
                        Err(Fault::conflict("job_over", text))
                    }
                }
            })
            .await?;
        self.job(caller, id).await
    }
}
