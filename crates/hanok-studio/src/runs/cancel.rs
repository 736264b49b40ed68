//! A run is cancelled: at once while it waits, by asking its worker while it runs.

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

/// What came of cancelling a run.
pub(crate) enum Cancelling {
    /// It is cancelled, or its worker is asked to stop.
    Done(Box<Run>),
    /// It was over before.
    Over(RunState),
}

impl Studio {
    /// Cancels a run; one that is over already is a conflict.
    pub async fn cancel_run(&self, caller: &Caller, id: &str) -> Result<RunView, Fault> {
        let project = &caller.project_id;
        self.store()
            .write(|tx| async move {
                match self.cancel_in(&tx, project, id).await? {
                    Cancelling::Done(run) => {
                        record(&tx, caller, Deed::done("run.cancel", "run", id)).await?;
                        view(&tx, *run).await
                    }
                    Cancelling::Over(state) => {
                        let text = format!("The run is {state} already.");
                        Err(Fault::conflict("run_over", text))
                    }
                }
            })
            .await
    }

    /// Cancels a run in the caller's transaction.
    pub(crate) async fn cancel_in(
        &self,
        tx: &Tx,
        project: &str,
        id: &str,
    ) -> Result<Cancelling, Fault> {
        let run = tx.runs().get(project, id).await?;
        let run = run.ok_or_else(|| Fault::not_found("run", id))?;
        if run.state == RunState::Paused {
            return cancelled(tx, project, id).await;
        }
        let Some(job) = run.job_id.as_deref().filter(|_| !run.state.is_final()) else {
            return Ok(Cancelling::Over(run.state));
        };
        match self.queue().cancel(tx, project, job).await? {
            Cancelled::Over(_) => Ok(Cancelling::Over(run.state)),
            Cancelled::Requested => {
                let content = json!({ "level": "info", "message": "Cancelling…" });
                note(tx, project, id, "log", content).await?;
                Ok(Cancelling::Done(Box::new(run)))
            }
            Cancelled::AtOnce => cancelled(tx, project, id).await,
        }
    }
}

async fn cancelled(tx: &Tx, project: &str, id: &str) -> Result<Cancelling, Fault> {
    let change = RunChange {
        state: Some(RunState::Cancelled),
        ..RunChange::default()
    };
    let run = tx.runs().update(project, id, &change).await?;
    note(tx, project, id, "state", json!({ "state": "cancelled" })).await?;
    Ok(Cancelling::Done(Box::new(run)))
}
