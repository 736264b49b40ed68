//! Vectors of texts.

use std::path::Path;

use hanok_models::{EncoderModel, ModelError, Texts, TokenizeError};

/// Tokens that are read at once.
pub(crate) const MOST_TOKENS: usize = 4096;

/// An encoder with its tokenizer.
pub struct EmbedModel {
    model: EncoderModel,
}

/// Vectors of some texts.
#[derive(Debug, Clone, PartialEq)]
pub struct Embedded {
    /// One for each text, all of the same length.
    pub vectors: Vec<Vec<f32>>,
    /// Tokens read in all.
    pub tokens: usize,
    /// Whether a text's end was not read.
    pub truncated: Vec<bool>,
}

impl EmbedModel {
    /// Loads a model's directory.
    ///
    /// # Errors
    /// Whatever is wrong with the files, by name.
    pub fn load(dir: &Path) -> Result<Self, ModelError> {
        let model = EncoderModel::load(dir, None)?;
        Ok(Self { model })
    }

    /// Numbers of a vector.
    pub fn dimensions(&self) -> usize {
        self.model.bert.config.hidden_size
    }

    /// Bytes of its weights.
    pub fn memory(&self) -> u64 {
        self.model.bert.bytes() as u64
    }

    /// The vectors of texts.
    ///
    /// # Errors
    /// A text that cannot be tokenised.
    pub fn embed(&self, texts: &[&str]) -> Result<Embedded, TokenizeError> {
        let mut embedded = Embedded {
            vectors: Vec::new(),
            tokens: 0,
            truncated: Vec::new(),
        };
        for batch in batches(&self.model, texts)? {
            embedded.tokens += batch.texts.tokens.len();
            embedded.truncated.extend(batch.truncated);
            embedded.vectors.extend(self.model.bert.embed(&batch.texts));
        }
        Ok(embedded)
    }
}

/// Texts that are read at once.
#[derive(Default)]
pub(crate) struct TextBatch {
    pub texts: Texts,
    pub truncated: Vec<bool>,
}

/// Tokens of texts in batches, in order.
pub(crate) fn batches(
    model: &EncoderModel,
    texts: &[&str],
) -> Result<Vec<TextBatch>, TokenizeError> {
    let most = model.bert.config.max_seq_length;
    let mut all: Vec<TextBatch> = Vec::new();
    for text in texts {
        let encoded = model.tokenizer.encode_to(text, most)?;
        let fits = |batch: &TextBatch| batch.texts.tokens.len() + encoded.ids.len() <= MOST_TOKENS;
        if !all.last().is_some_and(fits) {
            all.push(TextBatch::default());
        }
        if let Some(batch) = all.last_mut() {
            batch.texts.push(&encoded.ids);
            batch.truncated.push(encoded.truncated);
        }
    }
    Ok(all)
}
