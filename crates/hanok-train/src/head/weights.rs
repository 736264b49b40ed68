//! Weights of a head in training, and the optimiser's rule for changing them.

use serde::{Deserialize, Serialize};

/// Keeps the first steps of a weight that hardly has a gradient from being unbounded.
const FLOOR: f32 = 1e-6;

/// A value per weight: the weights themselves, their gradients or their sums of squared gradients.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Weights {
    /// Row-major `[C, D]`.
    pub dense: Vec<f32>,
    /// Row-major `[N, C]`, by row of the buckets that have weights.
    pub sparse: Vec<f32>,
    /// `[C]`.
    pub bias: Vec<f32>,
}

impl Weights {
    pub(super) fn zeros(classes: usize, dim: usize, rows: usize) -> Self {
        Self {
            dense: vec![0.0; classes * dim],
            sparse: vec![0.0; rows * classes],
            bias: vec![0.0; classes],
        }
    }

    pub(super) fn same_shape(&self, other: &Self) -> bool {
        self.dense.len() == other.dense.len()
            && self.sparse.len() == other.sparse.len()
            && self.bias.len() == other.bias.len()
    }
}

/// One step of Adagrad (Duchi, Hazan & Singer, 2011), whose step size per weight suits features that
/// are rare; adds the penalty's gradient `l2 * w` first and leaves the gradient at zero.
pub(super) fn adagrad(
    weights: &mut [f32],
    squares: &mut [f32],
    gradient: &mut [f32],
    l2: f32,
    rate: f32,
) {
    for ((w, s), g) in weights.iter_mut().zip(squares).zip(gradient) {
        let full = *g + l2 * *w;
        *g = 0.0;
        *s += full * full;
        *w -= rate * full / (s.sqrt() + FLOOR);
    }
}

/// Inner product in an order that depends on the length only.
pub(super) fn dot(a: &[f32], b: &[f32]) -> f32 {
    let mut lanes = [0.0_f32; 8];
    let ((a8, a_rest), (b8, b_rest)) = (a.as_chunks::<8>(), b.as_chunks::<8>());
    for (x, y) in a8.iter().zip(b8) {
        for (lane, (x, y)) in lanes.iter_mut().zip(x.iter().zip(y)) {
            *lane += x * y;
        }
    }
    let rest: f32 = a_rest.iter().zip(b_rest).map(|(x, y)| x * y).sum();
    lanes.iter().sum::<f32>() + rest
}
