//! The parts of the server's answers that commands read. Everything else in an answer is passed
//! over, so that a newer server can be talked to; `--json` prints answers as they came.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::ClientError;

/// Reads the parts of an answer that a command needs.
pub fn parse<T: DeserializeOwned>(value: &Value) -> Result<T, ClientError> {
    T::deserialize(value).map_err(|error| ClientError::Foreign {
        url: "the server".to_owned(),
        reason: error.to_string(),
    })
}

/// One page of a list.
#[derive(Debug, Deserialize)]
pub struct List {
    /// The resources.
    pub data: Vec<Value>,
    /// Whether another page follows.
    #[serde(default)]
    pub has_more: bool,
    /// Where it begins.
    pub last_id: Option<String>,
}

/// Why something failed.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Fault {
    /// Stable code.
    pub code: String,
    /// What happened.
    pub message: String,
    /// Row of the file.
    pub row: Option<u64>,
    /// What to do about it.
    pub remedy: Option<String>,
}

/// A resource that is referred to.
#[derive(Debug, Clone, Deserialize)]
pub struct Named {
    /// Its id.
    pub id: String,
    /// Its name.
    #[serde(default)]
    pub name: String,
}

/// How far something is.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Progress {
    /// Done so far.
    pub done: u64,
    /// In all; 0 where nobody knows.
    pub total: u64,
    /// Of what.
    pub unit: String,
}

/// What every resource that a job works on has.
#[derive(Debug, Clone, Deserialize)]
pub struct Job {
    /// Its id.
    pub id: String,
    /// Its state; a model calls it `status`.
    #[serde(alias = "status")]
    pub state: String,
    /// Why it failed.
    pub error: Option<Fault>,
}

impl Job {
    /// Whether nothing more will happen by itself.
    pub fn ended(&self) -> bool {
        [
            "ready",
            "succeeded",
            "failed",
            "cancelled",
            "paused",
            "stopped",
        ]
        .contains(&self.state.as_str())
    }
}

/// A data set.
#[derive(Debug, Clone, Deserialize)]
pub struct Dataset {
    /// `ds_…`.
    pub id: String,
    /// Its name.
    pub name: String,
    /// `classification` or `messages`.
    pub kind: Option<String>,
    /// Its state.
    pub state: String,
    /// The uploaded file's name.
    #[serde(default)]
    pub source_name: String,
    /// Its newest version.
    pub version: Option<Version>,
    /// Why the import failed.
    pub error: Option<Fault>,
    /// When it was made.
    #[serde(default)]
    pub created_at: String,
}

/// One version of a data set.
#[derive(Debug, Clone, Deserialize)]
pub struct Version {
    /// Rows in it.
    #[serde(default)]
    pub rows: u64,
    /// Its classes.
    #[serde(default)]
    pub labels: Vec<String>,
    /// What the import found.
    #[serde(default)]
    pub statistics: Value,
}

/// A fine-tuning run.
#[derive(Debug, Clone, Deserialize)]
pub struct Run {
    /// `run_…`.
    pub id: String,
    /// Its name.
    #[serde(default)]
    pub name: String,
    /// How it tunes.
    #[serde(default)]
    pub method: String,
    /// What it tunes.
    #[serde(default)]
    pub base_model: String,
    /// On what.
    #[serde(default)]
    pub dataset_id: String,
    /// Its state.
    pub state: String,
    /// How far it is.
    pub progress: Option<Progress>,
    /// What it made.
    pub model: Option<Named>,
    /// Its evaluation.
    pub eval_id: Option<String>,
    /// Final figures.
    #[serde(default)]
    pub metrics: Value,
    /// What was asked for beside the defaults.
    #[serde(default)]
    pub params: Value,
    /// Why it failed.
    pub error: Option<Fault>,
    /// When it was made.
    #[serde(default)]
    pub created_at: String,
    /// When it began.
    pub started_at: Option<String>,
    /// When it ended.
    pub finished_at: Option<String>,
}

/// An evaluation.
#[derive(Debug, Clone, Deserialize)]
pub struct Eval {
    /// `eval_…`.
    pub id: String,
    /// Its state.
    pub state: String,
    /// The tuned model.
    pub model: Option<Named>,
    /// What it was tuned from.
    #[serde(default)]
    pub base_model: String,
    /// On what.
    #[serde(default)]
    pub dataset_id: String,
    /// What it found.
    pub report: Option<Value>,
    /// When it was made.
    #[serde(default)]
    pub created_at: String,
}

/// A model of one's own, or a starter model.
#[derive(Debug, Clone, Deserialize)]
pub struct Model {
    /// `model_…`.
    pub id: String,
    /// The name that requests use.
    pub name: String,
    /// `classifier`, `decoder`, `encoder`; `unknown` while its files are read.
    #[serde(default)]
    pub kind: String,
    /// `importing`, `ready` or `failed`.
    #[serde(default)]
    pub status: String,
    /// Why it cannot be used.
    pub error: Option<Fault>,
    /// `hf`, `peft` or `head`.
    #[serde(default)]
    pub format: String,
    /// For example `llama`.
    pub architecture: Option<String>,
    /// What it was tuned from; empty for an imported one.
    #[serde(default)]
    pub base_model: String,
    /// Weights in it.
    pub parameters: Option<u64>,
    /// Tokens that it reads at most.
    pub context_length: Option<u64>,
    /// Whether it says itself how a conversation becomes a text.
    #[serde(default)]
    pub has_chat_template: bool,
    /// Its classes.
    #[serde(default)]
    pub labels: Vec<String>,
    /// Size of its files.
    #[serde(default)]
    pub bytes: u64,
    /// Its files.
    #[serde(default)]
    pub files: Vec<ModelFile>,
    /// The run that made it.
    pub run_id: Option<String>,
    /// When it was made.
    #[serde(default)]
    pub created_at: String,
}

/// A file of a model.
#[derive(Debug, Clone, Deserialize)]
pub struct ModelFile {
    /// Its path inside the model's directory.
    pub path: String,
    /// Bytes.
    #[serde(default)]
    pub size: u64,
}

/// A served model.
#[derive(Debug, Clone, Deserialize)]
pub struct Deployment {
    /// `dep_…`.
    pub id: String,
    /// Its state.
    pub state: String,
    /// Why it is not served.
    pub error: Option<Fault>,
}
