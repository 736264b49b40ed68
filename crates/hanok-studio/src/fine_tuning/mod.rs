//! Fine-tuning jobs of the OpenAI surface: a file becomes a data set, the data set a run. A job is a view
//! of its run as soon as there is one.

mod cancel;
mod chain;
mod create;
mod events;
mod list;
mod pause;
mod request;

use hanok_domain::fault::Fault;
use hanok_domain::state::FineTuneState;
use hanok_store::Tx;
use hanok_store::rows::fine_tunes::FineTune;
use hanok_store::rows::runs::Run;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::row_error;
use crate::time::seconds;

pub use create::CreateFineTune;
pub use events::{CheckpointView, FineTuneEvent};
pub use request::{Hyperparameters, Method, Supervised};

/// A job as the OpenAI surface shows it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct FineTuneView {
    /// `ftjob-…`.
    pub id: String,
    /// Always `fine_tuning.job`.
    pub object: String,
    /// What is tuned.
    pub model: String,
    /// Unix seconds.
    pub created_at: i64,
    /// Unix seconds.
    pub finished_at: Option<i64>,
    /// Name of the model that came of it.
    pub fine_tuned_model: Option<String>,
    /// The project.
    pub organization_id: String,
    /// `validating_files`, `queued`, `running`, `succeeded`, `failed`, `cancelled`.
    pub status: String,
    /// `file-…`.
    pub training_file: String,
    /// `file-…`.
    pub validation_file: Option<String>,
    /// Always empty: metrics are events.
    pub result_files: Vec<String>,
    /// What was asked for; `auto` for the rest.
    pub hyperparameters: Value,
    /// Tokens trained on.
    pub trained_tokens: Option<u64>,
    /// Why it failed; code, message and param.
    pub error: Option<Value>,
    /// Seed of every random choice.
    pub seed: u64,
    /// Always null.
    pub estimated_finish: Option<i64>,
    /// What the caller noted with it.
    pub metadata: Option<Value>,
    /// How it tunes.
    pub method: Value,
    /// What the caller wants in the model's name.
    pub user_provided_suffix: Option<String>,
    /// The run that it is, of the studio's surface.
    pub run_id: Option<String>,
}

async fn view(tx: &Tx, job: FineTune) -> Result<FineTuneView, Fault> {
    let project = job.project_id.as_str();
    let run = match &job.run_id {
        Some(run) => tx.runs().get(project, run).await?,
        None => None,
    };
    let model = match run.as_ref().and_then(|run| run.model_id.as_ref()) {
        Some(model) => tx.models().get(project, model).await?,
        None => None,
    };
    let asked: create::Asked = serde_json::from_value(job.request.clone()).unwrap_or_default();
    let hyperparameters = asked.shown();
    let finished = run.as_ref().map_or(job.finished_at, |run| run.finished_at);
    Ok(FineTuneView {
        status: status(&job, run.as_ref()).to_owned(),
        error: error(&job, run.as_ref()),
        trained_tokens: run
            .as_ref()
            .and_then(|run| run.metrics.as_ref()?["trained_tokens"].as_u64()),
        object: "fine_tuning.job".to_owned(),
        created_at: seconds(job.created_at),
        finished_at: finished.map(seconds),
        fine_tuned_model: model.map(|model| model.name),
        organization_id: job.project_id,
        result_files: Vec::new(),
        seed: asked.seed(),
        estimated_finish: None,
        metadata: asked.metadata.clone(),
        method: json!({ "type": "supervised", "supervised": { "hyperparameters": hyperparameters } }),
        hyperparameters,
        user_provided_suffix: asked.suffix,
        run_id: job.run_id,
        id: job.id,
        model: job.model,
        training_file: job.training_file,
        validation_file: job.validation_file,
    })
}

fn status<'a>(job: &'a FineTune, run: Option<&'a Run>) -> &'a str {
    match run {
        Some(run) => run.state.as_str(),
        // A run cannot go without its job; were it so, nothing would come of it any more.
        None if job.state == FineTuneState::Started => "failed",
        None => job.state.as_str(),
    }
}

fn error(job: &FineTune, run: Option<&Run>) -> Option<Value> {
    let error = match run {
        Some(run) => run.error.clone(),
        None => job.error.clone(),
    };
    let fault = row_error::from_row(error?);
    Some(json!({
        "code": fault.code,
        "message": fault.to_string(),
        "param": fault.field,
        "row": fault.row,
    }))
}
