//! `model.import`: the files of a model are looked at, and everything that can be refused is.

use hanok_models::hf::{ModelConfig, ModelDir};
use hanok_protocol::job::{ModelImportResult, ModelImportSpec};
use hanok_protocol::model::{ModelFacts, ModelKind};

use super::Stop;
use super::context::Context;
use crate::models::unusable;

/// Runs the import.
pub fn run(context: &Context, spec: &ModelImportSpec) -> Result<ModelImportResult, Stop> {
    let dir = context.directory(&spec.files)?;
    context.check()?;
    let model = ModelDir::open(&dir).map_err(|e| unusable(&e))?;
    if model.custom_code {
        let text = "the config asks for Python code of its own, which is never run";
        context.reporter.log("warn", text);
    }
    Ok(ModelImportResult {
        facts: facts(&model),
    })
}

fn facts(model: &ModelDir) -> ModelFacts {
    let (kind, sizes, labels) = match &model.config {
        ModelConfig::Decoder(c) => (
            ModelKind::Decoder,
            [c.max_positions, c.hidden_size, c.layers, c.vocab_size],
            Vec::new(),
        ),
        ModelConfig::Bert(c) => (
            if c.labels.is_empty() {
                ModelKind::Encoder
            } else {
                ModelKind::Classifier
            },
            [c.max_seq_length, c.hidden_size, c.layers, c.vocab_size],
            c.labels.clone(),
        ),
    };
    let [context_length, hidden_size, layers, vocab_size] = sizes.map(|n| n as u64);
    ModelFacts {
        kind,
        architecture: architecture(&model.architecture),
        parameters: model.parameters,
        context_length,
        hidden_size,
        layers,
        vocab_size,
        has_chat_template: model.template.is_own(),
        labels,
    }
}

/// `LlamaForCausalLM` → `llama`.
fn architecture(class: &str) -> String {
    let name = class.split("For").next().unwrap_or(class);
    name.strip_suffix("Model").unwrap_or(name).to_lowercase()
}
