//! The optimiser: Loshchilov and Hutter, "Decoupled Weight Decay Regularization" (2019), one pass.

use rayon::prelude::*;

use crate::dense::CHUNK;
use crate::math::{dot, wide};
use crate::param::Param;

/// Settings of a step.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AdamW {
    /// Decay of the first moment.
    pub beta1: f32,
    /// Decay of the second moment.
    pub beta2: f32,
    /// Keeps the division finite.
    pub eps: f32,
    /// Share of a weight that is taken away, times the learning rate.
    pub weight_decay: f32,
}

impl Default for AdamW {
    fn default() -> Self {
        Self {
            beta1: 0.9,
            beta2: 0.999,
            eps: 1e-8,
            weight_decay: 0.0,
        }
    }
}

/// Running means of a weight's gradient and of its square.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Moments {
    /// Of the gradient.
    pub first: Vec<f32>,
    /// Of its square.
    pub second: Vec<f32>,
}

impl AdamW {
    /// Moves a weight against its gradient times `factor` (clipping), and forgets the gradient.
    /// `step` counts from 1.
    pub fn step(
        &self,
        param: &mut Param,
        moments: &mut Moments,
        step: u64,
        rate: f32,
        factor: f32,
    ) {
        let Some(grad) = &mut param.grad else { return };
        moments.first.resize(grad.len(), 0.0);
        moments.second.resize(grad.len(), 0.0);
        let steps = step as i32;
        let correct1 = 1.0 - self.beta1.powi(steps);
        let correct2 = (1.0 - self.beta2.powi(steps)).sqrt();
        let keep = 1.0 - rate * self.weight_decay;
        let move_by = rate / correct1;
        let values = param
            .value
            .par_chunks_mut(CHUNK)
            .zip(grad.par_chunks_mut(CHUNK));
        let first = moments.first.par_chunks_mut(CHUNK);
        let second = moments.second.par_chunks_mut(CHUNK);
        values
            .zip(first.zip(second))
            .for_each(|((value, grad), (m, v))| {
                wide(|| {
                    for (((value, grad), m), v) in value.iter_mut().zip(grad).zip(m).zip(v) {
                        let g = *grad * factor;
                        *grad = 0.0;
                        *m = self.beta1.mul_add(*m, (1.0 - self.beta1) * g);
                        *v = self.beta2.mul_add(*v, (1.0 - self.beta2) * g * g);
                        *value = *value * keep - move_by * *m / (v.sqrt() / correct2 + self.eps);
                    }
                });
            });
    }
}

/// Σ g² in f64, in an order that depends on the length alone.
pub fn squared_norm(grad: &[f32]) -> f64 {
    let parts: Vec<f64> = grad
        .par_chunks(CHUNK)
        .map(|g| wide(|| f64::from(dot(g, g))))
        .collect();
    parts.iter().sum()
}
