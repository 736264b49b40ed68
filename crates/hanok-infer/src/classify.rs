//! Class scores of texts by a tuned encoder.

use std::path::Path;

use hanok_models::{EncoderModel, ModelError};
use hanok_nn::softmax_rows;

use crate::embed::batches;

/// An encoder with a classifier on top.
pub struct ClassifyModel {
    model: EncoderModel,
}

/// What a text is, as far as the model can tell.
#[derive(Debug, Clone, PartialEq)]
pub struct Scores {
    /// In the order of the labels; they sum to 1.
    pub probabilities: Vec<f32>,
    /// Tokens read.
    pub tokens: usize,
    /// Whether the text's end was not read.
    pub truncated: bool,
}

impl ClassifyModel {
    /// Loads a model's directory, with the adapter of a PEFT directory on top if there is one.
    ///
    /// # Errors
    /// Whatever is wrong with the files, by name; a model without a classifier.
    pub fn load(dir: &Path, adapter: Option<&Path>) -> Result<Self, ModelError> {
        let model = EncoderModel::load(dir, adapter)?;
        if model.bert.config.labels.is_empty() {
            return Err(hanok_models::no_classifier());
        }
        Ok(Self { model })
    }

    /// The classes.
    pub fn labels(&self) -> &[String] {
        &self.model.bert.config.labels
    }

    /// Bytes of its weights.
    pub fn memory(&self) -> u64 {
        self.model.bert.bytes() as u64
    }

    /// The scores of texts.
    ///
    /// # Errors
    /// A text that cannot be tokenised.
    pub fn classify(&self, texts: &[&str]) -> Result<Vec<Scores>, ModelError> {
        let failed = |error| ModelError::Invalid {
            file: "input".to_owned(),
            reason: format!("{error}"),
        };
        let classes = self.labels().len();
        let mut all = Vec::new();
        for batch in batches(&self.model, texts).map_err(failed)? {
            let mut logits = self.model.bert.logits(&batch.texts)?;
            softmax_rows(&mut logits, classes);
            let texts = batch.texts.sequences.iter().zip(batch.truncated);
            let rows = logits.chunks_exact(classes).zip(texts);
            all.extend(rows.map(|(row, (sequence, truncated))| Scores {
                probabilities: row.to_vec(),
                tokens: sequence.len(),
                truncated,
            }));
        }
        Ok(all)
    }
}
