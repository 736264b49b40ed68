//! Models as workers need them: files with their objects, and what a look at the files told.

use serde::{Deserialize, Serialize};

use crate::job::ObjectName;

/// One file of a model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelFile {
    /// Its path inside the model's directory, for example `config.json`.
    pub path: String,
    /// Its content.
    #[serde(flatten)]
    pub object: ObjectName,
}

impl ModelFile {
    /// Whether a path stays inside its directory and is a name that every file system takes.
    pub fn is_valid_path(path: &str) -> bool {
        let part = |part: &str| {
            !part.is_empty()
                && !part.starts_with('.')
                && part
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b"._-+".contains(&b))
        };
        path.len() <= 200 && path.split('/').count() <= 4 && path.split('/').all(part)
    }
}

/// What a model does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ModelKind {
    /// Scores classes.
    Classifier,
    /// Writes text.
    Decoder,
    /// Turns text into vectors.
    Encoder,
}

impl ModelKind {
    /// As it stands in rows and answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Classifier => "classifier",
            Self::Decoder => "decoder",
            Self::Encoder => "encoder",
        }
    }

    /// Of a row; nothing for one that is not known.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Classifier, Self::Decoder, Self::Encoder]
            .into_iter()
            .find(|kind| kind.as_str() == text)
    }
}

/// How a tuned model is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ModelFormat {
    /// A whole Hugging Face directory.
    Hf,
    /// An adapter beside its base.
    Peft,
    /// A head on the starter encoder.
    Head,
}

impl ModelFormat {
    /// As it stands in rows and answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Hf => "hf",
            Self::Peft => "peft",
            Self::Head => "head",
        }
    }
}

/// A model as a worker loads it: a base, and what was tuned on it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelRef {
    /// `model_…`, or the name of a starter model.
    pub id: String,
    /// What it does.
    pub kind: ModelKind,
    /// Name of the base, for messages; of the starter model where `files` is empty.
    pub base_model: String,
    /// The base's directory; empty for a starter model, which is built in.
    #[serde(default)]
    pub files: Vec<ModelFile>,
    /// The adapter on it; empty without one.
    #[serde(default)]
    pub adapter: Vec<ModelFile>,
    /// The head on the starter encoder.
    #[serde(default)]
    pub head: Option<ObjectName>,
}

/// What a look at a model's files told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelFacts {
    /// What it does.
    pub kind: ModelKind,
    /// For example `llama`.
    pub architecture: String,
    /// Weights in it.
    pub parameters: u64,
    /// Tokens that it reads at most.
    pub context_length: u64,
    /// Length of its hidden states.
    pub hidden_size: u64,
    /// Layers.
    pub layers: u64,
    /// Different tokens.
    pub vocab_size: u64,
    /// Whether it says itself how a conversation becomes a text.
    pub has_chat_template: bool,
    /// Classes, for a classifier.
    pub labels: Vec<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_stay_inside() {
        for good in [
            "config.json",
            "1_Pooling/config.json",
            "model-00001-of-00002.safetensors",
        ] {
            assert!(ModelFile::is_valid_path(good), "{good}");
        }
        let long = "x".repeat(201);
        for bad in [
            "",
            "/a",
            "a/",
            "../a",
            "a/../b",
            ".git/x",
            "a\\b",
            "a b",
            "가",
            "a/b/c/d/e",
            &long,
        ] {
            assert!(!ModelFile::is_valid_path(bad), "{bad}");
        }
    }
}
