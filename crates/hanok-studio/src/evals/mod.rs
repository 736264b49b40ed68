//! Evaluations: base against tuned on rows that were not trained on.

mod finished;
mod list;
mod start;

use hanok_domain::fault::Fault;
use hanok_store::Tx;
use hanok_store::rows::evals::Eval;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::row_error;
use crate::runs::ModelName;
use crate::time::rfc3339;

pub(crate) use finished::{finished, without_result};
pub use start::StartEval;

/// An evaluation as surfaces show it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct EvalView {
    /// `eval_…`.
    pub id: String,
    /// Always `eval`.
    pub object: String,
    /// `queued`, `running`, `succeeded`, `failed`, `cancelled`.
    pub state: String,
    /// The tuned model.
    pub model: ModelName,
    /// What it is compared with.
    pub base_model: String,
    /// Where the rows are from.
    pub dataset_id: String,
    /// The run whose end it belongs to.
    pub run_id: Option<String>,
    /// Base, tuned, delta with interval, floor, per class.
    pub report: Option<Value>,
    /// Why it failed.
    pub error: Option<Fault>,
    /// RFC 3339.
    pub created_at: String,
    /// RFC 3339.
    pub finished_at: Option<String>,
}

async fn view(tx: &Tx, eval: Eval) -> Result<EvalView, Fault> {
    let project = eval.project_id.as_str();
    let model = tx.models().get(project, &eval.model_id).await?;
    let version = tx
        .datasets()
        .version(project, &eval.dataset_version_id)
        .await?;
    Ok(EvalView {
        id: eval.id,
        object: "eval".to_owned(),
        state: eval.state.as_str().to_owned(),
        model: ModelName {
            name: model.map(|m| m.name).unwrap_or_default(),
            id: eval.model_id,
        },
        base_model: eval.base_model,
        dataset_id: version.map(|v| v.dataset_id).unwrap_or_default(),
        run_id: eval.run_id,
        report: eval.result,
        error: eval.error.map(row_error::from_row),
        created_at: rfc3339(eval.created_at),
        finished_at: eval.finished_at.map(rfc3339),
    })
}
