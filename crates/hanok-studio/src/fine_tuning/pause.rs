//! A job is paused and goes on, as its run does.

use hanok_domain::fault::Fault;
use hanok_store::Tx;
use hanok_store::rows::fine_tunes::FineTune;

use super::{FineTuneView, view};
use crate::access::Caller;
use crate::audit::{Deed, record};
use crate::runs::ResumeRun;
use crate::studio::Studio;

impl Studio {
    /// Pauses a job; one whose files are still imported is a conflict, and one that is over.
    pub async fn pause_fine_tune(&self, caller: &Caller, id: &str) -> Result<FineTuneView, Fault> {
        let project = &caller.project_id;
        self.store()
            .write(|tx| async move {
                let (job, run) = with_run(&tx, project, id).await?;
                self.pause_in(&tx, project, &run).await?;
                record(&tx, caller, Deed::done("fine_tune.pause", "fine_tune", id)).await?;
                view(&tx, job).await
            })
            .await
    }

    /// Goes on with a job that was paused, has failed or was cancelled while it trained.
    pub async fn resume_fine_tune(&self, caller: &Caller, id: &str) -> Result<FineTuneView, Fault> {
        let project = &caller.project_id;
        self.store()
            .write(|tx| async move {
                let (job, run) = with_run(&tx, project, id).await?;
                let how = ResumeRun::default();
                self.resume_in(&tx, project, &run, how).await?;
                record(&tx, caller, Deed::done("fine_tune.resume", "fine_tune", id)).await?;
                view(&tx, job).await
            })
            .await
    }
}

async fn with_run(tx: &Tx, project: &str, id: &str) -> Result<(FineTune, String), Fault> {
    let job = tx.fine_tunes().get(project, id).await?;
    let job = job.ok_or_else(|| Fault::not_found("fine-tuning job", id))?;
    match job.run_id.clone() {
        Some(run) => Ok((job, run)),
        None => {
            let text = format!("The job is {}; it does not train.", job.state);
            Err(Fault::conflict("job_not_training", text).field("id"))
        }
    }
}
