//! A linear head: label scores from the features of a text.

mod file;

use crate::{Features, ModelError};

const NO_ROW: u32 = u32::MAX;
const PART: &str = "head";

/// The weights of a head, as training makes them and as the file holds them.
#[derive(Debug, Clone, PartialEq)]
pub struct HeadParts {
    /// [`crate::Encoder::fingerprint`] of the encoder whose features it reads.
    pub encoder: String,
    /// Names of the classes; C is their number.
    pub labels: Vec<String>,
    /// Length of the dense vector, D.
    pub dim: usize,
    /// Number of buckets of the encoder; every entry of `buckets` is below it.
    pub hash_buckets: u32,
    /// Row-major `[C, D]`.
    pub dense: Vec<f32>,
    /// The buckets that have weights, ascending, each once; N is their number.
    pub buckets: Vec<u32>,
    /// Row-major `[N, C]`, in the order of `buckets`.
    pub sparse: Vec<f32>,
    /// `[C]`.
    pub bias: Vec<f32>,
}

/// A checked linear head, ready to run.
#[derive(Debug, Clone)]
pub struct Head {
    parts: HeadParts,
    /// Row of `parts.sparse` of each bucket, or `NO_ROW`.
    rows: Vec<u32>,
}

impl Head {
    /// Checks that all shapes agree and every weight is finite.
    pub fn new(parts: HeadParts) -> Result<Self, ModelError> {
        check(&parts)?;
        let used = parts.buckets.last().map_or(0, |b| *b as usize + 1);
        let mut rows = vec![NO_ROW; used];
        for (row, bucket) in parts.buckets.iter().enumerate() {
            rows[*bucket as usize] = row as u32;
        }
        Ok(Self { parts, rows })
    }

    /// The weights.
    pub fn parts(&self) -> &HeadParts {
        &self.parts
    }

    /// Names of the classes, in the order of the scores.
    pub fn labels(&self) -> &[String] {
        &self.parts.labels
    }

    /// One score per label. `features` must come from the head's own encoder.
    pub fn logits(&self, features: &Features) -> Vec<f32> {
        let classes = self.parts.labels.len();
        let mut scores = self.parts.bias.clone();
        for (score, row) in scores
            .iter_mut()
            .zip(self.parts.dense.chunks(self.parts.dim))
        {
            *score += row
                .iter()
                .zip(&features.dense)
                .map(|(w, x)| w * x)
                .sum::<f32>();
        }
        for (bucket, x) in &features.sparse {
            let row = *self.rows.get(*bucket as usize).unwrap_or(&NO_ROW);
            if row == NO_ROW {
                continue;
            }
            let from = row as usize * classes;
            let weights = &self.parts.sparse[from..from + classes];
            for (score, w) in scores.iter_mut().zip(weights) {
                *score += w * x;
            }
        }
        scores
    }

    /// Softmax of the logits.
    pub fn probabilities(&self, features: &Features) -> Vec<f32> {
        softmax(self.logits(features))
    }

    /// The head as one safetensors file; the same head gives the same bytes.
    pub fn to_safetensors(&self) -> Result<Vec<u8>, ModelError> {
        file::write(&self.parts)
    }

    /// Reads and checks what [`Head::to_safetensors`] wrote.
    pub fn from_safetensors(bytes: &[u8]) -> Result<Self, ModelError> {
        Self::new(file::read(bytes)?)
    }
}

fn softmax(mut scores: Vec<f32>) -> Vec<f32> {
    let max = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    scores.iter_mut().for_each(|s| *s = (*s - max).exp());
    let sum: f32 = scores.iter().sum();
    scores.iter_mut().for_each(|s| *s /= sum);
    scores
}

fn check(parts: &HeadParts) -> Result<(), ModelError> {
    let classes = parts.labels.len();
    let fits = |len: usize, rows: usize, columns: usize| rows.checked_mul(columns) == Some(len);
    let ascending = parts.buckets.windows(2).all(|w| w[0] < w[1]);
    let in_range = parts.buckets.last().is_none_or(|b| *b < parts.hash_buckets);
    let finite = [&parts.dense, &parts.sparse, &parts.bias]
        .iter()
        .all(|w| w.iter().all(|v| v.is_finite()));
    let rules = [
        (classes >= 2, "has fewer than two labels"),
        (parts.dim >= 1, "has no dense dimension"),
        (parts.hash_buckets <= 1 << 24, "has too many hash buckets"),
        (parts.bias.len() == classes, "bias is not one per label"),
        (
            fits(parts.dense.len(), classes, parts.dim),
            "dense is not labels x dim",
        ),
        (
            fits(parts.sparse.len(), parts.buckets.len(), classes),
            "sparse is not buckets x labels",
        ),
        (ascending, "buckets are not ascending"),
        (in_range, "a bucket is beyond hash_buckets"),
        (finite, "holds NaN or infinity"),
    ];
    match rules.iter().find(|(holds, _)| !holds) {
        Some((_, reason)) => Err(ModelError::invalid(PART, *reason)),
        None => Ok(()),
    }
}
