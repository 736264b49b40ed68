//! `config.json` of an encoder: sizes and limits, checked before anything is allocated by them.

use serde::{Deserialize, Serialize};

use crate::ModelError;

const FILE: &str = "config.json";
const FORMAT: &str = "hanok-encoder/1";

/// Sizes and limits of an encoder, as its `config.json` states them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EncoderConfig {
    /// `hanok-encoder/1`.
    pub format: String,
    /// The name under which the model is listed.
    pub name: String,
    /// Length of the dense vector.
    pub dim: usize,
    /// Number of rows of the embedding table.
    pub vocab_size: usize,
    /// Tokens beyond this many are not read.
    pub max_tokens: usize,
    /// Characters beyond this many are not read; checked before tokenising.
    pub max_chars: usize,
    /// Number of hashed features, a power of two.
    pub hash_buckets: u32,
    /// Which hashed features a text has.
    pub ngrams: NgramConfig,
}

/// Which n-grams are hashed, and how the two kinds weigh against each other.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NgramConfig {
    /// Longest n-gram of words.
    pub word_max: usize,
    /// Shortest n-gram of characters within a word.
    pub char_min: usize,
    /// Longest n-gram of characters within a word.
    pub char_max: usize,
    /// Norm of the part made of words.
    pub word_weight: f32,
    /// Norm of the part made of characters.
    pub char_weight: f32,
}

impl EncoderConfig {
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, ModelError> {
        let config: Self =
            serde_json::from_slice(bytes).map_err(|e| ModelError::invalid(FILE, e.to_string()))?;
        config.check()?;
        Ok(config)
    }

    fn check(&self) -> Result<(), ModelError> {
        let n = &self.ngrams;
        let weights_fit = [n.word_weight, n.char_weight]
            .iter()
            .all(|w| w.is_finite() && *w >= 0.0);
        let rules = [
            (self.format == FORMAT, "format is not hanok-encoder/1"),
            ((1..=4096).contains(&self.dim), "dim is not in 1..=4096"),
            (
                (1..=1_000_000).contains(&self.vocab_size),
                "vocab_size is not in 1..=1000000",
            ),
            (
                (1..=1_000_000).contains(&self.max_tokens),
                "max_tokens is not in 1..=1000000",
            ),
            (
                (1..=10_000_000).contains(&self.max_chars),
                "max_chars is not in 1..=10000000",
            ),
            (
                self.hash_buckets.is_power_of_two()
                    && (1 << 8..=1 << 24).contains(&self.hash_buckets),
                "hash_buckets is not a power of two in 2^8..=2^24",
            ),
            (
                (1..=3).contains(&n.word_max),
                "ngrams.word_max is not in 1..=3",
            ),
            (
                1 <= n.char_min && n.char_min <= n.char_max && n.char_max <= 8,
                "ngrams.char_min..=char_max is not within 1..=8",
            ),
            (weights_fit, "ngrams weights are not finite and positive"),
        ];
        match rules.iter().find(|(holds, _)| !holds) {
            Some((_, reason)) => Err(ModelError::invalid(FILE, *reason)),
            None => Ok(()),
        }
    }
}
