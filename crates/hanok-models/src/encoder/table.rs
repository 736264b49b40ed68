//! The embedding table: int8 rows with a scale each, and the mean of the rows of a text.

use safetensors::{Dtype, SafeTensors};

use super::config::EncoderConfig;
use crate::ModelError;

const FILE: &str = "model.safetensors";

/// `vocab_size` rows of `dim` signed bytes; row `i` stands for `scales[i] * bytes`.
#[derive(Debug)]
pub(super) struct Table {
    dim: usize,
    rows: Vec<i8>,
    scales: Vec<f32>,
}

impl Table {
    /// Reads the tensors `embeddings` (I8) and `scales` (F32) and checks them against the config.
    pub(super) fn parse(bytes: &[u8], config: &EncoderConfig) -> Result<Self, ModelError> {
        let file = SafeTensors::deserialize(bytes)
            .map_err(|e| ModelError::invalid(FILE, e.to_string()))?;
        let shape = [config.vocab_size, config.dim];
        let rows = tensor(&file, "embeddings", Dtype::I8, &shape)?;
        let scales = tensor(&file, "scales", Dtype::F32, &shape[..1])?;
        let scales: Vec<f32> = scales
            .as_chunks::<4>()
            .0
            .iter()
            .map(|b| f32::from_le_bytes(*b))
            .collect();
        if scales.iter().any(|s| !s.is_finite()) {
            return Err(ModelError::invalid(FILE, "scales holds NaN or infinity"));
        }
        Ok(Self {
            dim: config.dim,
            rows: rows.iter().map(|b| *b as i8).collect(),
            scales,
        })
    }

    /// Mean of the rows, scaled to length 1; zeros when there is no row.
    pub(super) fn mean(&self, ids: &[u32]) -> Vec<f32> {
        let mut sum = vec![0.0; self.dim];
        for id in ids {
            let from = *id as usize * self.dim;
            let scale = self.scales[*id as usize];
            let row = &self.rows[from..from + self.dim];
            for (s, q) in sum.iter_mut().zip(row) {
                *s += scale * f32::from(*q);
            }
        }
        let norm = sum.iter().map(|v| v * v).sum::<f32>().sqrt();
        if norm > 1e-12 {
            sum.iter_mut().for_each(|v| *v /= norm);
        }
        sum
    }
}

fn tensor<'a>(
    file: &SafeTensors<'a>,
    name: &str,
    dtype: Dtype,
    shape: &[usize],
) -> Result<&'a [u8], ModelError> {
    let view = file
        .tensor(name)
        .map_err(|e| ModelError::invalid(FILE, e.to_string()))?;
    if view.dtype() != dtype || view.shape() != shape {
        return Err(ModelError::invalid(
            FILE,
            format!(
                "{name} is {:?} {:?}, the config asks for {dtype:?} {shape:?}",
                view.dtype(),
                view.shape()
            ),
        ));
    }
    Ok(view.data())
}
