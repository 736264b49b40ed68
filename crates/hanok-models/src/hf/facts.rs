//! What a list of models shows about one, after all that can be checked without building it.

use std::path::Path;

use super::dir::ModelDir;
use super::family::ModelConfig;
use crate::ModelError;

/// What a model does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ModelKind {
    /// It writes text.
    Decoder,
    /// It reads text: embeddings, and class scores where it has labels.
    Encoder,
}

/// A model that can be used, in numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelFacts {
    /// The class that the config names, such as `LlamaForCausalLM`.
    pub architecture: String,
    /// What it does.
    pub kind: ModelKind,
    /// Numbers in all tensors.
    pub parameters: u64,
    /// Rows of the embedding table.
    pub vocab_size: usize,
    /// Longest text in tokens, special ones included.
    pub context_length: usize,
    /// Length of a token's vector.
    pub hidden_size: usize,
    /// Number of blocks.
    pub layers: usize,
    /// The model has a chat template of its own.
    pub has_chat_template: bool,
    /// Names of the classes; empty unless it is a classifier.
    pub labels: Vec<String>,
    /// Size of the weights on disk.
    pub bytes: u64,
    /// The directory asks for Python code of its own, which is ignored.
    pub custom_code: bool,
}

/// Opens a directory and checks everything but the numbers in the tensors.
pub fn check(dir: &Path) -> Result<ModelFacts, ModelError> {
    Ok(ModelDir::open(dir)?.facts())
}

impl ModelDir {
    /// The model in numbers.
    pub fn facts(&self) -> ModelFacts {
        let (kind, context_length, hidden_size, layers, labels) = match &self.config {
            ModelConfig::Decoder(c) => (
                ModelKind::Decoder,
                c.max_positions,
                c.hidden_size,
                c.layers,
                Vec::new(),
            ),
            ModelConfig::Bert(c) => (
                ModelKind::Encoder,
                c.max_seq_length,
                c.hidden_size,
                c.layers,
                c.labels.clone(),
            ),
        };
        ModelFacts {
            architecture: self.architecture.clone(),
            kind,
            parameters: self.parameters,
            vocab_size: self.config.vocab_size(),
            context_length,
            hidden_size,
            layers,
            has_chat_template: self.template.is_own(),
            labels,
            bytes: self.weights.bytes(),
            custom_code: self.custom_code,
        }
    }
}
