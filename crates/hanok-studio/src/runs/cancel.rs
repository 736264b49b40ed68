//! A run is cancelled: at once while it waits, by asking its worker while it runs.

use hanok_domain::fault::Fault;
use hanok_domain::state::RunState;
use hanok_jobs::Cancelled;
use hanok_store::rows::runs::RunChange;
use serde_json::json;

use super::{RunView, view};
use crate::access::Caller;
use crate::studio::Studio;
use crate::workers::note;

impl Studio {
    /// Cancels a run; one that is over already is a conflict.
    pub async fn cancel_run(&self, caller: &Caller, id: &str) -> Result<RunView, Fault> {
        let project = &caller.project_id;
        self.store()
            .write(|tx| async move {
                let run = tx.runs().get(project, id).await?;
                let run = run.ok_or_else(|| Fault::not_found("run", id))?;
                let over =
                    || Fault::conflict("run_over", format!("The run is {} already.", run.state));
                let Some(job) = run.job_id.as_deref().filter(|_| !run.state.is_final()) else {
                    return Err(over());
                };
                let run = match self.queue().cancel(&tx, project, job).await? {
                    Cancelled::Over(_) => return Err(over()),
                    Cancelled::Requested => {
                        let content = json!({ "level": "info", "message": "Cancelling…" });
                        note(&tx, project, id, "log", content).await?;
                        run
                    }
                    Cancelled::AtOnce => {
                        let change = RunChange {
                            state: Some(RunState::Cancelled),
                            ..RunChange::default()
                        };
                        let run = tx.runs().update(project, id, &change).await?;
                        note(&tx, project, id, "state", json!({ "state": "cancelled" })).await?;
                        run
                    }
                };
                view(&tx, run).await
            })
            .await
    }
}
