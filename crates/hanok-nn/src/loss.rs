//! Cross-entropy over labelled rows, a chunk of rows at a time, so that the logits of a whole batch
//! never exist at once.

use rayon::prelude::*;

use crate::buffer::Buffer;
use crate::gemm::Store;
use crate::linear::Linear;
use crate::math::{max, softmax, wide};

/// Logits that exist at once.
const CHUNK: usize = 1 << 24;

/// How well one row was foretold.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RowLoss {
    /// `-log p(target)`, in nats.
    pub loss: f32,
    /// Whether the target was the likeliest class.
    pub correct: bool,
}

fn chunk_rows(classes: usize) -> usize {
    (CHUNK / classes.max(1)).clamp(14, 1 << 16)
}

/// Loss of `h [rows, features]` against `targets [rows]` under the classifier `head`, forward only.
pub fn evaluate(h: &[f32], head: &Linear, targets: &[u32]) -> Vec<RowLoss> {
    let rows = chunk_rows(head.outputs());
    let chunks = h.chunks(rows * head.inputs()).zip(targets.chunks(rows));
    let losses = chunks.map(|(h, targets)| {
        let (mut logits, _) = head.forward(h);
        row_losses(&mut logits, head.outputs(), targets)
    });
    losses.flatten().collect()
}

/// Loss and gradients: each row's loss counts `weight` times. Adds to the gradients of `head` and gives
/// that of `h`.
pub fn cross_entropy(
    h: &[f32],
    head: &mut Linear,
    targets: &[u32],
    weight: f32,
) -> (Vec<RowLoss>, Buffer) {
    let rows = chunk_rows(head.outputs());
    let width = head.inputs();
    let mut dh = Buffer::scratch(h.len());
    let mut losses = Vec::with_capacity(targets.len());
    let chunks = h.chunks(rows * width).zip(targets.chunks(rows));
    for ((h, targets), dh) in chunks.zip(dh.chunks_mut(rows * width)) {
        let (mut logits, saved) = head.forward(h);
        losses.extend(row_losses(&mut logits, head.outputs(), targets));
        gradient(&mut logits, head.outputs(), targets, weight);
        head.backward(h, &saved, &logits, Some((dh, Store::Replace)));
    }
    (losses, dh)
}

/// `logits [rows, classes]` become probabilities.
fn row_losses(logits: &mut [f32], classes: usize, targets: &[u32]) -> Vec<RowLoss> {
    let rows = logits.par_chunks_exact_mut(classes).zip(targets);
    rows.map(|(row, &target)| {
        let target = target as usize;
        let of_target = row[target];
        let correct = wide(|| max(row)) <= of_target;
        let total = softmax(row, 1.0);
        RowLoss {
            loss: total - of_target,
            correct,
        }
    })
    .collect()
}

fn gradient(probabilities: &mut [f32], classes: usize, targets: &[u32], weight: f32) {
    let rows = probabilities.par_chunks_exact_mut(classes).zip(targets);
    rows.for_each(|(row, &target)| {
        row[target as usize] -= 1.0;
        wide(|| row.iter_mut().for_each(|x| *x *= weight));
    });
}

/// Each row of `logits [rows, classes]` becomes its softmax.
pub fn softmax_rows(logits: &mut [f32], classes: usize) {
    for row in logits.chunks_exact_mut(classes) {
        softmax(row, 1.0);
    }
}
