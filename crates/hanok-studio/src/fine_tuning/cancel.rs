//! A job is cancelled: with its imports while they run, as its run afterwards.

use hanok_domain::fault::Fault;
use hanok_domain::state::FineTuneState;
use hanok_store::Tx;
use hanok_store::rows::fine_tunes::{FineTune, FineTuneEnd};
use serde_json::json;

use super::{FineTuneView, view};
use crate::access::Caller;
use crate::audit::{Deed, record};
use crate::runs::Cancelling;
use crate::studio::Studio;
use crate::workers::note;

impl Studio {
    /// Cancels a job; one that is over already is a conflict.
    pub async fn cancel_fine_tune(&self, caller: &Caller, id: &str) -> Result<FineTuneView, Fault> {
        let project = &caller.project_id;
        self.store()
            .write(|tx| async move {
                let job = tx.fine_tunes().get(project, id).await?;
                let job = job.ok_or_else(|| Fault::not_found("fine-tuning job", id))?;
                let over = |state: &str| {
                    Fault::conflict("job_over", format!("The job is {state} already.")).field("id")
                };
                let job = match (&job.run_id, &job.state) {
                    (Some(run), _) => match self.cancel_in(&tx, project, run).await? {
                        Cancelling::Done(_) => job,
                        Cancelling::Over(state) => return Err(over(state.as_str())),
                    },
                    (None, FineTuneState::Validating) => cancel_validating(&tx, &job).await?,
                    (None, state) => return Err(over(state.as_str())),
                };
                record(&tx, caller, Deed::done("fine_tune.cancel", "fine_tune", id)).await?;
                view(&tx, job).await
            })
            .await
    }
}

/// The imports go on: what they make is a data set like any other, and nothing waits for it any more.
async fn cancel_validating(tx: &Tx, job: &FineTune) -> Result<FineTune, Fault> {
    let project = job.project_id.as_str();
    let content = json!({ "level": "info", "message": "The job was cancelled" });
    note(tx, project, &job.id, "log", content).await?;
    Ok(tx
        .fine_tunes()
        .end(project, &job.id, &FineTuneEnd::Cancelled)
        .await?)
}
