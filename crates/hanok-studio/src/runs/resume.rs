//! A run goes on from its last checkpoint: one that was paused, has failed, or was cancelled.

use hanok_domain::fault::Fault;
use hanok_domain::state::RunState;
use hanok_protocol::job::{JobSpec, TrainSpec};
use hanok_store::Tx;
use hanok_store::rows::runs::{Run, RunChange};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::finished::spec_of;
use super::{RunView, view};
use crate::access::Caller;
use crate::audit::{Deed, record};
use crate::studio::Studio;
use crate::workers::note;

/// How to go on.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ResumeRun {
    /// Begin again although every checkpoint there was is broken.
    pub from_zero: bool,
}

impl Studio {
    /// Puts a run back into the queue; one that waits or runs is a conflict, one that succeeded too.
    pub async fn resume_run(
        &self,
        caller: &Caller,
        id: &str,
        how: ResumeRun,
    ) -> Result<RunView, Fault> {
        let project = &caller.project_id;
        self.store()
            .write(|tx| async move {
                let run = self.resume_in(&tx, project, id, how).await?;
                record(&tx, caller, Deed::done("run.resume", "run", id)).await?;
                view(&tx, run).await
            })
            .await
    }

    /// The same in the caller's transaction.
    pub(crate) async fn resume_in(
        &self,
        tx: &Tx,
        project: &str,
        id: &str,
        how: ResumeRun,
    ) -> Result<Run, Fault> {
        let run = tx.runs().get(project, id).await?;
        let run = run.ok_or_else(|| Fault::not_found("run", id))?;
        if !run.state.may_become(&RunState::Queued) || run.state == RunState::Running {
            let text = format!("The run is {}; there is nothing to resume.", run.state);
            return Err(Fault::conflict("run_not_resumable", text));
        }
        let mut spec = spec_of(tx, &run).await?;
        spec.checkpoints.from_zero = how.from_zero;
        self.queue_again(tx, project, id, spec).await
    }

    /// A run waits for a worker again, by an order of its own.
    pub(crate) async fn queue_again(
        &self,
        tx: &Tx,
        project: &str,
        id: &str,
        spec: TrainSpec,
    ) -> Result<Run, Fault> {
        let job = self.enqueue(tx, project, id, &JobSpec::Train(spec)).await?;
        let change = RunChange {
            state: Some(RunState::Queued),
            job_id: Some(job.id),
            ..RunChange::default()
        };
        let run = tx.runs().update(project, id, &change).await?;
        note(tx, project, id, "state", json!({ "state": "queued" })).await?;
        Ok(run)
    }
}
