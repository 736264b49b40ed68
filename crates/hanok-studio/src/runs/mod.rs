//! Runs: fine-tuning started, watched, cancelled, and what comes of it.

mod begin;
mod cancel;
mod checkpoint;
mod export;
mod finished;
mod list;
mod names;
mod params;
mod pause;
mod resume;
mod start;
mod tables;

use hanok_domain::fault::Fault;
use hanok_store::Tx;
use hanok_store::rows::runs::Run;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::row_error;
use crate::time::rfc3339;

pub(crate) use begin::{Order, check_order};
pub(crate) use cancel::Cancelling;
pub(crate) use checkpoint::CHECKPOINT;
pub(crate) use finished::{run_state, without_result};
pub(crate) use pause::paused;
pub use resume::ResumeRun;
pub use start::StartRun;
pub(crate) use start::{of_kind, ready_dataset};
pub use tables::{DEEP_PARAMS, PARAMS, Param};

/// A run as surfaces show it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RunView {
    /// `run_…`.
    pub id: String,
    /// Always `run`.
    pub object: String,
    /// As people see it.
    pub name: String,
    /// `head`, `lora` or `full`.
    pub method: String,
    /// What is tuned.
    pub base_model: String,
    /// `ds_…`.
    pub dataset_id: String,
    /// `dsv_…`.
    pub dataset_version_id: String,
    /// `queued`, `running`, `paused`, `succeeded`, `failed`, `cancelled`.
    pub state: String,
    /// The model that came of it.
    pub model: Option<ModelName>,
    /// Its evaluation.
    pub eval_id: Option<String>,
    /// What was measured at its end.
    pub metrics: Option<Value>,
    /// Why it failed.
    pub error: Option<Fault>,
    /// Hyper-parameters asked for, `held_out` among them.
    pub params: Value,
    /// RFC 3339.
    pub created_at: String,
    /// RFC 3339.
    pub started_at: Option<String>,
    /// RFC 3339.
    pub finished_at: Option<String>,
}

/// A model's id with its name.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ModelName {
    /// `model_…`.
    pub id: String,
    /// The name to call it by.
    pub name: String,
}

/// A row with what it refers to.
async fn view(tx: &Tx, run: Run) -> Result<RunView, Fault> {
    let project = run.project_id.as_str();
    let model = match &run.model_id {
        Some(id) => tx.models().get(project, id).await?,
        None => None,
    };
    let evals = tx.evals().of_run(project, &run.id).await?;
    let version = tx
        .datasets()
        .version(project, &run.dataset_version_id)
        .await?;
    Ok(RunView {
        id: run.id,
        object: "run".to_owned(),
        name: run.name,
        method: run.method,
        base_model: run.base_model,
        dataset_id: version.map(|v| v.dataset_id).unwrap_or_default(),
        dataset_version_id: run.dataset_version_id,
        state: run.state.as_str().to_owned(),
        model: model.map(|m| ModelName {
            id: m.id,
            name: m.name,
        }),
        eval_id: evals.into_iter().next().map(|e| e.id),
        metrics: run.metrics,
        error: run.error.map(row_error::from_row),
        params: run.params,
        created_at: rfc3339(run.created_at),
        started_at: run.started_at.map(rfc3339),
        finished_at: run.finished_at.map(rfc3339),
    })
}
