//! What a new model needs, and what may change of one. Does not touch the database.

use hanok_domain::state::ModelState;
use serde_json::Value;

use super::HEAD;
use crate::rows::RowError;

/// What a new model needs.
#[derive(Debug, Clone)]
pub struct NewModel {
    /// Whose it is.
    pub project_id: String,
    /// The name to call it by.
    pub name: String,
    /// `classifier`, `decoder`, `encoder` or `unknown`.
    pub kind: String,
    /// Name of what was tuned.
    pub base_model: String,
    /// Id of what was tuned.
    pub base: Option<String>,
    /// The run that it came of.
    pub run_id: Option<String>,
    /// Labels and other facts.
    pub manifest: Value,
    /// `importing` or `ready`.
    pub state: ModelState,
    /// `hf`, `peft` or `head`.
    pub format: String,
    /// For example `llama`.
    pub architecture: Option<String>,
    /// Its files with their objects.
    pub files: Value,
    /// Weights in it.
    pub parameters: Option<i64>,
    /// Tokens that it reads at most.
    pub context_length: Option<i64>,
}

impl Default for NewModel {
    /// Nobody's ready head, for what a caller leaves out.
    fn default() -> Self {
        Self {
            project_id: String::new(),
            name: String::new(),
            kind: "unknown".to_owned(),
            base_model: String::new(),
            base: None,
            run_id: None,
            manifest: Value::Null,
            state: ModelState::Ready,
            format: HEAD.to_owned(),
            architecture: None,
            files: Value::Array(Vec::new()),
            parameters: None,
            context_length: None,
        }
    }
}

/// What to change of a model; the rest stays.
#[derive(Debug, Clone, Default)]
pub struct ModelChange {
    /// New state, if the present one allows it.
    pub state: Option<ModelState>,
    /// What the import found it to be.
    pub kind: Option<String>,
    /// For example `llama`.
    pub architecture: Option<String>,
    /// Weights in it.
    pub parameters: Option<i64>,
    /// Tokens that it reads at most.
    pub context_length: Option<i64>,
    /// Labels and other facts.
    pub manifest: Option<Value>,
    /// The job that imports it.
    pub job_id: Option<String>,
    /// Why it cannot be used.
    pub error: Option<RowError>,
}
