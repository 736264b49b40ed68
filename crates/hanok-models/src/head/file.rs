//! The file of a head: four tensors, and one metadata entry for what is not a number.

use std::collections::HashMap;

use safetensors::tensor::TensorView;
use safetensors::{Dtype, SafeTensors};
use serde::{Deserialize, Serialize};

use super::HeadParts;
use crate::ModelError;

const FILE: &str = "head.safetensors";
const FORMAT: &str = "hanok-head/1";
/// One entry, since the order of several in the header is not fixed.
const METADATA_KEY: &str = "hanok";

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Metadata {
    format: String,
    encoder: String,
    hash_buckets: u32,
    labels: Vec<String>,
}

pub(super) fn write(parts: &HeadParts) -> Result<Vec<u8>, ModelError> {
    let metadata = Metadata {
        format: FORMAT.to_owned(),
        encoder: parts.encoder.clone(),
        hash_buckets: parts.hash_buckets,
        labels: parts.labels.clone(),
    };
    let invalid = |e: &dyn std::fmt::Display| ModelError::invalid(FILE, e.to_string());
    let metadata = serde_json::to_string(&metadata).map_err(|e| invalid(&e))?;
    let (classes, rows) = (parts.labels.len(), parts.buckets.len());
    let tensors = [
        ("bias", Dtype::F32, vec![classes], f32_bytes(&parts.bias)),
        (
            "buckets",
            Dtype::U32,
            vec![rows],
            parts.buckets.iter().flat_map(|v| v.to_le_bytes()).collect(),
        ),
        (
            "dense",
            Dtype::F32,
            vec![classes, parts.dim],
            f32_bytes(&parts.dense),
        ),
        (
            "sparse",
            Dtype::F32,
            vec![rows, classes],
            f32_bytes(&parts.sparse),
        ),
    ];
    let mut views = Vec::with_capacity(tensors.len());
    for (name, dtype, shape, data) in &tensors {
        let view = TensorView::new(*dtype, shape.clone(), data).map_err(|e| invalid(&e))?;
        views.push((*name, view));
    }
    let metadata = HashMap::from([(METADATA_KEY.to_owned(), metadata)]);
    safetensors::serialize(views, Some(metadata)).map_err(|e| invalid(&e))
}

pub(super) fn read(bytes: &[u8]) -> Result<HeadParts, ModelError> {
    let invalid = |e: &dyn std::fmt::Display| ModelError::invalid(FILE, e.to_string());
    let (_, header) = SafeTensors::read_metadata(bytes).map_err(|e| invalid(&e))?;
    let text = header
        .metadata()
        .as_ref()
        .and_then(|m| m.get(METADATA_KEY))
        .ok_or_else(|| invalid(&"has no metadata of a head"))?;
    let metadata: Metadata = serde_json::from_str(text).map_err(|e| invalid(&e))?;
    if metadata.format != FORMAT {
        return Err(invalid(&format!("format is not {FORMAT}")));
    }
    let file = SafeTensors::deserialize(bytes).map_err(|e| invalid(&e))?;
    let (dense_shape, dense) = words(&file, "dense", Dtype::F32, 2)?;
    let (_, buckets) = words(&file, "buckets", Dtype::U32, 1)?;
    let (sparse_shape, sparse) = words(&file, "sparse", Dtype::F32, 2)?;
    let (_, bias) = words(&file, "bias", Dtype::F32, 1)?;
    let classes = metadata.labels.len();
    if dense_shape[0] != classes || sparse_shape[1] != classes {
        return Err(invalid(&"the number of labels differs from the weights'"));
    }
    Ok(HeadParts {
        encoder: metadata.encoder,
        labels: metadata.labels,
        dim: dense_shape[1],
        hash_buckets: metadata.hash_buckets,
        dense: floats(dense),
        buckets: buckets.iter().map(|b| u32::from_le_bytes(*b)).collect(),
        sparse: floats(sparse),
        bias: floats(bias),
    })
}

/// The four-byte elements of a tensor of that type and rank, with its shape.
fn words<'a>(
    file: &SafeTensors<'a>,
    name: &str,
    dtype: Dtype,
    rank: usize,
) -> Result<(Vec<usize>, &'a [[u8; 4]]), ModelError> {
    let view = file
        .tensor(name)
        .map_err(|e| ModelError::invalid(FILE, e.to_string()))?;
    if view.dtype() != dtype || view.shape().len() != rank {
        let found = format!("{name} is {:?} {:?}", view.dtype(), view.shape());
        return Err(ModelError::invalid(FILE, found));
    }
    Ok((view.shape().to_vec(), view.data().as_chunks::<4>().0))
}

fn floats(words: &[[u8; 4]]) -> Vec<f32> {
    words.iter().map(|b| f32::from_le_bytes(*b)).collect()
}

fn f32_bytes(values: &[f32]) -> Vec<u8> {
    values.iter().flat_map(|v| v.to_le_bytes()).collect()
}
