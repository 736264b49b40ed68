//! Models: starter models, imported ones and what runs made; which of them can be called, tuned, deleted.

mod base;
mod broken;
mod callable;
mod content;
mod delete;
mod import;
mod imported;
mod list;
mod reference;
mod share;

use hanok_domain::fault::Fault;
use hanok_domain::state::ModelState;
use hanok_protocol::job::ObjectName;
use hanok_protocol::model::{ModelFile, ModelKind};
use hanok_store::Tx;
use hanok_store::rows::models::Model;
use serde::{Deserialize, Serialize};

use crate::row_error;
use crate::time::rfc3339;

pub(crate) use base::{Base, find_base};
pub(crate) use broken::{must_be_ready, whole_again};
pub use callable::CallableModel;
pub use content::ModelContent;
pub use import::{ImportFile, ImportModel};
pub(crate) use imported::{failed, finished};
pub(crate) use reference::{files_of, model_ref};

/// The encoder that ships inside the program.
pub const STARTER_ENCODER: &str = "hanok-encoder";
/// The decoder that ships inside the program.
pub const STARTER_DECODER: &str = "hanok-decoder";

/// A model that ships inside the program, as its workers describe it.
#[derive(Debug, Clone)]
pub struct Starter {
    /// The name to call it by.
    pub name: String,
    /// What it does.
    pub kind: ModelKind,
    /// For example `llama`.
    pub architecture: String,
    /// Tokens that it reads at most, where it is bounded.
    pub context_length: Option<u64>,
}

impl Starter {
    /// The encoder that every build has.
    pub fn encoder() -> Self {
        Self {
            name: STARTER_ENCODER.to_owned(),
            kind: ModelKind::Encoder,
            architecture: "hanok".to_owned(),
            context_length: None,
        }
    }
}

/// What is known of a model beside its files, as its row holds it.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ModelManifest {
    /// The head, of a head on the starter encoder.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub head: Option<ObjectName>,
    /// Classes in the order of scores.
    pub labels: Vec<String>,
    /// Whether it says itself how a conversation becomes a text.
    pub has_chat_template: bool,
    /// Length of its hidden states.
    pub hidden_size: Option<u64>,
    /// Layers.
    pub layers: Option<u64>,
    /// Different tokens.
    pub vocab_size: Option<u64>,
}

/// A model as surfaces show it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ModelView {
    /// `model_…`.
    pub id: String,
    /// Always `model`.
    pub object: String,
    /// The name to call it by.
    pub name: String,
    /// `classifier`, `decoder`, `encoder`; `unknown` while it is imported.
    pub kind: String,
    /// `importing`, `ready`, `failed`, or `broken`: whole once, and not any more.
    pub status: String,
    /// Why it cannot be used.
    pub error: Option<Fault>,
    /// `hf`, `peft` or `head`.
    pub format: String,
    /// For example `llama`.
    pub architecture: Option<String>,
    /// Name of what was tuned; empty for an imported model.
    pub base_model: String,
    /// Id of what was tuned.
    pub base: Option<String>,
    /// Weights in it.
    pub parameters: Option<i64>,
    /// Tokens that it reads at most.
    pub context_length: Option<i64>,
    /// Whether it says itself how a conversation becomes a text.
    pub has_chat_template: bool,
    /// Classes.
    pub labels: Vec<String>,
    /// Size of its files, bytes.
    pub bytes: u64,
    /// Its files.
    pub files: Vec<ModelFile>,
    /// The run that it came of.
    pub run_id: Option<String>,
    /// RFC 3339.
    pub created_at: String,
}

/// A model by id or name.
pub(crate) async fn find_model(tx: &Tx, project: &str, id: &str) -> Result<Model, Fault> {
    if let Some(model) = tx.models().get(project, id).await? {
        return Ok(model);
    }
    let named = tx.models().by_name(project, id).await?;
    named.ok_or_else(|| Fault::not_found("model", id).field("model"))
}

/// What is known of a model beside its files.
pub(crate) fn manifest_of(model: &Model) -> Result<ModelManifest, Fault> {
    serde_json::from_value(model.manifest.clone())
        .map_err(|e| Fault::internal(format!("the manifest of {} is damaged: {e}", model.id)))
}

fn view(model: Model) -> ModelView {
    let manifest = manifest_of(&model).unwrap_or_default();
    let files = files_of(&model).unwrap_or_default();
    let head = manifest.head.as_ref().map_or(0, |head| head.size);
    let bytes: u64 = files.iter().map(|file| file.object.size).sum();
    ModelView {
        bytes: bytes.max(head),
        files,
        labels: manifest.labels,
        has_chat_template: manifest.has_chat_template,
        id: model.id,
        object: "model".to_owned(),
        name: model.name,
        kind: model.kind,
        status: model.state.as_str().to_owned(),
        // One that was broken and is whole again still has the reason in its row.
        error: model
            .error
            .filter(|_| model.state != ModelState::Ready)
            .map(row_error::from_row),
        format: model.format,
        architecture: model.architecture,
        base_model: model.base_model,
        base: model.base,
        parameters: model.parameters,
        context_length: model.context_length,
        run_id: model.run_id,
        created_at: rfc3339(model.created_at),
    }
}
