//! A model in memory, whatever it does, and how each kind is loaded.

use std::path::PathBuf;
use std::sync::Arc;

use hanok_blobs::{Objects, ProjectKey};
use hanok_domain::fault::Fault;
use hanok_infer::{ChatModel, ClassifyModel, EmbedModel};
use hanok_models::{Classifier, Encoder, Head};
use hanok_protocol::inference::{Embedded, Scores};
use hanok_protocol::model::{ModelKind, ModelRef};

use crate::models::{self, Directories, STARTER_ENCODER, unusable};

/// A loaded model.
pub enum Held {
    /// A head on the starter encoder.
    Head(Classifier, u64),
    /// The starter encoder itself.
    Starter(Arc<Encoder>),
    /// Writes text.
    Chat(ChatModel),
    /// Makes vectors.
    Embed(EmbedModel),
    /// Scores classes.
    Classify(ClassifyModel),
}

impl Held {
    /// Loads a model; blocks.
    pub fn load(
        objects: &Objects,
        directories: &Directories,
        project: &ProjectKey,
        model: &ModelRef,
    ) -> Result<Self, Fault> {
        if let Some(head) = &model.head {
            let bytes = objects
                .get_blocking(project, &head.hash)
                .map_err(models::unreadable)?;
            let classifier = load_head(&model.base_model, &bytes)?;
            return Ok(Self::Head(classifier, bytes.len() as u64));
        }
        if model.kind == ModelKind::Encoder && model.files.is_empty() {
            return Ok(Self::Starter(starter_encoder(&model.base_model)?));
        }
        match Self::load_files(directories, project, model) {
            // What rotted may be this machine's copy, not the objects.
            Err(fault) if fault.code == "invalid_model" => {
                directories.discard(project, &model.files);
                directories.discard(project, &model.adapter);
                Self::load_files(directories, project, model)
            }
            done => done,
        }
    }

    fn load_files(
        directories: &Directories,
        project: &ProjectKey,
        model: &ModelRef,
    ) -> Result<Self, Fault> {
        let (dir, adapter) = directories_of(directories, project, model)?;
        let adapter = adapter.as_deref();
        match model.kind {
            ModelKind::Decoder => ChatModel::load(&dir, adapter).map(Self::Chat),
            ModelKind::Encoder => EmbedModel::load(&dir).map(Self::Embed),
            ModelKind::Classifier => ClassifyModel::load(&dir, adapter).map(Self::Classify),
        }
        .map_err(|e| unusable(&e))
    }

    /// Bytes it takes; the starter encoder is part of the program.
    pub fn memory(&self) -> u64 {
        match self {
            Self::Head(_, bytes) => *bytes,
            Self::Starter(_) => 0,
            Self::Chat(model) => model.memory(),
            Self::Embed(model) => model.memory(),
            Self::Classify(model) => model.memory(),
        }
    }

    /// Its classes; none for a model that has none.
    pub fn labels(&self) -> Vec<String> {
        match self {
            Self::Head(classifier, _) => classifier.labels().to_vec(),
            Self::Classify(model) => model.labels().to_vec(),
            _ => Vec::new(),
        }
    }

    /// The scores of texts; blocks.
    pub fn classify(&self, texts: &[String]) -> Result<Vec<Scores>, Fault> {
        match self {
            Self::Head(classifier, _) => {
                Ok(texts.iter().map(|t| head_scores(classifier, t)).collect())
            }
            Self::Classify(model) => {
                let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
                let scores = model.classify(&texts).map_err(|e| unreadable(&e))?;
                let labels = model.labels();
                let scores = scores.into_iter().map(|s| Scores {
                    labels: ranked(labels, s.probabilities),
                    tokens: s.tokens as u64,
                    truncated: s.truncated,
                });
                Ok(scores.collect())
            }
            _ => Err(Fault::invalid("no_head", "This model does not classify.").field("model")),
        }
    }

    /// The vectors of texts; blocks.
    pub fn embed(&self, texts: &[String]) -> Result<Embedded, Fault> {
        match self {
            Self::Starter(encoder) => {
                let features = texts.iter().map(|text| encoder.features(text));
                let mut embedded = Embedded {
                    vectors: Vec::new(),
                    tokens: 0,
                    truncated: Vec::new(),
                };
                for features in features {
                    embedded.tokens += features.tokens as u64;
                    embedded.truncated.push(features.truncated);
                    embedded.vectors.push(features.dense);
                }
                Ok(embedded)
            }
            Self::Embed(model) => {
                let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
                let found = model.embed(&texts).map_err(|e| unreadable(&e))?;
                Ok(Embedded {
                    vectors: found.vectors,
                    tokens: found.tokens as u64,
                    truncated: found.truncated,
                })
            }
            _ => {
                Err(Fault::invalid("not_an_encoder", "This model makes no vectors.").field("model"))
            }
        }
    }

    /// As a text generator, if it is one.
    pub fn chat(&self) -> Result<&ChatModel, Fault> {
        match self {
            Self::Chat(model) => Ok(model),
            _ => Err(Fault::invalid("not_a_decoder", "This model writes no text.").field("model")),
        }
    }
}

/// The directory of a model's base and that of its adapter.
pub fn directories_of(
    directories: &Directories,
    project: &ProjectKey,
    model: &ModelRef,
) -> Result<(PathBuf, Option<PathBuf>), Fault> {
    let dir = if model.files.is_empty() {
        directories.starter(&model.base_model)?
    } else {
        directories.get(project, &model.files)?
    };
    let adapter = if model.adapter.is_empty() {
        None
    } else {
        Some(directories.get(project, &model.adapter)?)
    };
    Ok((dir, adapter))
}

fn unreadable(error: &dyn std::fmt::Display) -> Fault {
    Fault::invalid("invalid_input", format!("A text cannot be read: {error}.")).field("input")
}

fn head_scores(classifier: &Classifier, text: &str) -> Scores {
    let features = classifier.encoder().features(text);
    let probabilities = classifier.head().probabilities(&features);
    Scores {
        labels: ranked(classifier.labels(), probabilities),
        tokens: features.tokens as u64,
        truncated: features.truncated,
    }
}

/// Labels with their probabilities, best first.
fn ranked(labels: &[String], probabilities: Vec<f32>) -> Vec<(String, f32)> {
    let mut ranked: Vec<(String, f32)> = labels.iter().cloned().zip(probabilities).collect();
    ranked.sort_by(|a, b| b.1.total_cmp(&a.1));
    ranked
}

/// Builds a classifier from a head's bytes.
pub fn load_head(base_model: &str, head: &[u8]) -> Result<Classifier, Fault> {
    let head = Head::from_safetensors(head).map_err(|e| unusable(&e))?;
    Classifier::new(starter_encoder(base_model)?, head).map_err(|e| unusable(&e))
}

/// The starter encoder by its name.
pub fn starter_encoder(name: &str) -> Result<Arc<Encoder>, Fault> {
    if name != STARTER_ENCODER {
        return Err(Fault::invalid(
            "unknown_base_model",
            format!("There is no starter encoder '{name}'."),
        )
        .field("base_model")
        .remedy(format!("Use '{STARTER_ENCODER}'.")));
    }
    Encoder::starter().map_err(|e| unusable(&e))
}
