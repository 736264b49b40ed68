//! A run is paused: its worker writes down where it is and stops; nothing of it is lost.

use hanok_domain::fault::Fault;
use hanok_domain::state::RunState;
use hanok_jobs::Cancelled;
use hanok_store::Tx;
use hanok_store::rows::runs::{Run, RunChange};
use serde_json::json;

use super::{RunView, view};
use crate::access::Caller;
use crate::audit::{Deed, record};
use crate::studio::Studio;
use crate::workers::note;

impl Studio {
    /// Pauses a run; one that is paused stays so, one that is over is a conflict.
    pub async fn pause_run(&self, caller: &Caller, id: &str) -> Result<RunView, Fault> {
        let project = &caller.project_id;
        self.store()
            .write(|tx| async move {
                let run = self.pause_in(&tx, project, id).await?;
                record(&tx, caller, Deed::done("run.pause", "run", id)).await?;
                view(&tx, run).await
            })
            .await
    }

    /// Pauses a run in the caller's transaction.
    pub(crate) async fn pause_in(&self, tx: &Tx, project: &str, id: &str) -> Result<Run, Fault> {
        let run = tx.runs().get(project, id).await?;
        let run = run.ok_or_else(|| Fault::not_found("run", id))?;
        if run.state == RunState::Paused {
            return Ok(run);
        }
        let over =
            |state: &RunState| Fault::conflict("run_over", format!("The run is {state} already."));
        let Some(job) = run.job_id.as_deref().filter(|_| !run.state.is_final()) else {
            return Err(over(&run.state));
        };
        match self.queue().pause(tx, project, job).await? {
            Cancelled::Over(_) => Err(over(&run.state)),
            Cancelled::Requested => {
                let content = json!({ "level": "info", "message": "Pausing…" });
                note(tx, project, id, "log", content).await?;
                Ok(run)
            }
            Cancelled::AtOnce => paused(tx, project, id).await,
        }
    }
}

/// Notes that a run waits for a person.
pub(crate) async fn paused(tx: &Tx, project: &str, id: &str) -> Result<Run, Fault> {
    let change = RunChange {
        state: Some(RunState::Paused),
        ..RunChange::default()
    };
    let run = tx.runs().update(project, id, &change).await?;
    note(tx, project, id, "state", json!({ "state": "paused" })).await?;
    Ok(run)
}
