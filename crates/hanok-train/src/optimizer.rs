//! One optimiser step over all trained weights: the norm, clipping, AdamW.

use std::collections::BTreeMap;

use hanok_nn::{AdamW, Moments, Named, squared_norm};

/// The state that a run carries from step to step, by the names of the weights.
#[derive(Debug, Clone, Default)]
pub(crate) struct Optimizer {
    pub settings: AdamW,
    moments: BTreeMap<String, Moments>,
    steps: u64,
}

impl Optimizer {
    pub fn new(weight_decay: f32) -> Self {
        Self {
            settings: AdamW {
                weight_decay,
                ..AdamW::default()
            },
            ..Self::default()
        }
    }

    /// Steps taken.
    pub fn steps(&self) -> u64 {
        self.steps
    }

    /// The running means, by the names of the weights.
    pub fn moments(&self) -> &BTreeMap<String, Moments> {
        &self.moments
    }

    /// Goes back to where these were so.
    pub fn restore(&mut self, moments: BTreeMap<String, Moments>, steps: u64) {
        self.moments = moments;
        self.steps = steps;
    }

    /// Moves the weights against their gradients, shortened to norm `most`, and forgets the gradients.
    /// Gives the norm as it was. Weights stay as they are if it is no number.
    pub fn step(&mut self, weights: Named<'_>, rate: f32, most: f32) -> f32 {
        let gradients = weights
            .iter()
            .filter_map(|(_, weight)| weight.grad.as_ref());
        let norm = gradients.map(|grad| squared_norm(grad)).sum::<f64>().sqrt() as f32;
        if !norm.is_finite() {
            return norm;
        }
        // As PyTorch's clip_grad_norm_ has it.
        let factor = (most / (norm + 1e-6)).min(1.0);
        self.steps += 1;
        for (name, weight) in weights {
            let plain = AdamW {
                weight_decay: 0.0,
                ..self.settings
            };
            // Norms and biases are not pulled to zero.
            let decays = !name.ends_with("bias") && !name.to_lowercase().contains("norm");
            let settings = if decays { self.settings } else { plain };
            let moments = self.moments.entry(name).or_default();
            settings.step(weight, moments, self.steps, rate, factor);
        }
        norm
    }
}
