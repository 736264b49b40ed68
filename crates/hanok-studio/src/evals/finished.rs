//! The end of an evaluation. The run that it belongs to is told as well, since people watch that.

use hanok_domain::fault::Fault;
use hanok_domain::state::{JobState, RunState};
use hanok_protocol::job::EvalResult;
use hanok_store::Tx;
use hanok_store::rows::evals::EvalChange;
use serde_json::{Value, json};

use crate::row_error;
use crate::runs::run_state;
use crate::workers::note;

/// Stores what was found.
pub(crate) async fn finished(
    tx: &Tx,
    project: &str,
    eval: &str,
    result: &EvalResult,
) -> Result<(), Fault> {
    let change = EvalChange {
        state: Some(RunState::Succeeded),
        result: Some(result.report.clone()),
        ..EvalChange::default()
    };
    tell(tx, project, eval, &change, json!({ "state": "succeeded" })).await
}

/// Notes that an attempt ended without a result.
pub(crate) async fn without_result(
    tx: &Tx,
    project: &str,
    eval: &str,
    job: &JobState,
    fault: &Fault,
) -> Result<(), Fault> {
    let state = run_state(job);
    let failed = state == RunState::Failed;
    let change = EvalChange {
        state: Some(state.clone()),
        error: failed.then(|| row_error::to_row(fault)),
        ..EvalChange::default()
    };
    let mut content = json!({ "state": state });
    if failed {
        content["error"] = json!(fault);
    }
    tell(tx, project, eval, &change, content).await
}

async fn tell(
    tx: &Tx,
    project: &str,
    id: &str,
    change: &EvalChange,
    content: Value,
) -> Result<(), Fault> {
    let eval = tx.evals().update(project, id, change).await?;
    if let Some(run) = &eval.run_id {
        let mut content = content.clone();
        content["eval_id"] = json!(id);
        note(tx, project, run, "eval", content).await?;
    }
    note(tx, project, id, "state", content).await
}
