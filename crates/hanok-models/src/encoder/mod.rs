//! The encoder: a text becomes a dense vector of meaning and a sparse vector of hashed n-grams.

mod config;
mod sparse;
mod table;
mod text;
mod wordpiece;

use std::path::Path;
use std::sync::{Arc, OnceLock};

use sha2::{Digest, Sha256};

pub use config::{EncoderConfig, NgramConfig};

use crate::ModelError;

/// What a head sees of a text.
#[derive(Debug, Clone, PartialEq)]
pub struct Features {
    /// Mean of the token embeddings, of length 1 (zeros when no token is known).
    pub dense: Vec<f32>,
    /// Hashed n-grams by ascending bucket, each bucket once, of norm 1 (empty for an empty text).
    pub sparse: Vec<(u32, f32)>,
    /// Tokens that were read.
    pub tokens: usize,
    /// True when the text was longer than the model takes and its end was not read.
    pub truncated: bool,
}

/// A frozen text encoder; the same text always gives the same bits, on every thread.
#[derive(Debug)]
pub struct Encoder {
    config: EncoderConfig,
    vocab: wordpiece::WordPiece,
    table: table::Table,
    fingerprint: String,
}

const STARTER_CONFIG: &[u8] = include_bytes!("../../../../models/starter-encoder/config.json");
const STARTER_TOKENIZER: &[u8] =
    include_bytes!("../../../../models/starter-encoder/tokenizer.json");
const STARTER_WEIGHTS: &[u8] =
    include_bytes!("../../../../models/starter-encoder/model.safetensors");

impl Encoder {
    /// The encoder that ships inside the program, loaded once.
    pub fn starter() -> Result<Arc<Self>, ModelError> {
        static STARTER: OnceLock<Arc<Encoder>> = OnceLock::new();
        if let Some(encoder) = STARTER.get() {
            return Ok(encoder.clone());
        }
        let encoder = Arc::new(Self::from_bytes(
            STARTER_CONFIG,
            STARTER_TOKENIZER,
            STARTER_WEIGHTS,
        )?);
        Ok(STARTER.get_or_init(|| encoder).clone())
    }

    /// Loads `config.json`, `tokenizer.json` and `model.safetensors` from a folder.
    pub fn load(dir: &Path) -> Result<Self, ModelError> {
        let read = |name: &str| {
            let path = dir.join(name);
            std::fs::read(&path).map_err(|source| ModelError::Io {
                file: path.display().to_string(),
                source,
            })
        };
        Self::from_bytes(
            &read("config.json")?,
            &read("tokenizer.json")?,
            &read("model.safetensors")?,
        )
    }

    /// Builds an encoder from the contents of its three files, all of them checked.
    pub fn from_bytes(
        config: &[u8],
        tokenizer: &[u8],
        safetensors: &[u8],
    ) -> Result<Self, ModelError> {
        let mut hash = Sha256::new();
        for part in [config, tokenizer, safetensors] {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part);
        }
        let config = EncoderConfig::parse(config)?;
        Ok(Self {
            vocab: wordpiece::WordPiece::parse(tokenizer, config.vocab_size)?,
            table: table::Table::parse(safetensors, &config)?,
            fingerprint: hash.finalize()[..16]
                .iter()
                .map(|b| format!("{b:02x}"))
                .collect(),
            config,
        })
    }

    /// Sizes and limits.
    pub fn config(&self) -> &EncoderConfig {
        &self.config
    }

    /// 32 hexadecimal digits that change with any byte of the encoder's files; a head keeps them.
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// Both kinds of features of a text.
    pub fn features(&self, text: &str) -> Features {
        let mut hasher = sparse::Hasher::new(&self.config.ngrams, self.config.hash_buckets);
        let (ids, truncated) = self.read(text, |word| hasher.push(word));
        Features {
            dense: self.table.mean(&ids),
            sparse: hasher.finish(),
            tokens: ids.len(),
            truncated,
        }
    }

    /// The dense vector alone.
    pub fn embed(&self, text: &str) -> Vec<f32> {
        self.table.mean(&self.read(text, |_| ()).0)
    }

    /// The token ids of a text, as `tokenizer.json` defines them (unknown words left out).
    pub fn token_ids(&self, text: &str) -> Vec<u32> {
        self.read(text, |_| ()).0
    }

    /// Cosine between a text and each label's name: the untuned model's only opinion.
    pub fn similarity<S: AsRef<str>>(&self, text: &str, label_names: &[S]) -> Vec<f32> {
        LabelNames::new(self, label_names).similarity(&self.embed(text))
    }

    fn read(&self, text: &str, mut see: impl FnMut(&str)) -> (Vec<u32>, bool) {
        let (normal, mut truncated) = text::normalise(text, self.config.max_chars);
        let mut ids = Vec::with_capacity(normal.len() / 4);
        for word in text::words(&normal) {
            let before = ids.len();
            self.vocab.push_word(word, &mut ids);
            if ids.len() > self.config.max_tokens {
                ids.truncate(before);
                truncated = true;
                break;
            }
            see(word);
        }
        (ids, truncated)
    }
}

/// Embedded label names, to compare many texts with (zero-shot).
#[derive(Debug, Clone)]
pub struct LabelNames {
    vectors: Vec<Vec<f32>>,
}

impl LabelNames {
    /// Embeds the names once.
    pub fn new<S: AsRef<str>>(encoder: &Encoder, names: &[S]) -> Self {
        let vectors = names.iter().map(|n| encoder.embed(n.as_ref())).collect();
        Self { vectors }
    }

    /// Cosine of a dense vector with each name, in the order given.
    pub fn similarity(&self, dense: &[f32]) -> Vec<f32> {
        let cosine = |name: &Vec<f32>| name.iter().zip(dense).map(|(a, b)| a * b).sum();
        self.vectors.iter().map(cosine).collect()
    }
}
