//! Low-rank adapters: their settings, fresh weights, and putting trained ones on a model.
//!
//! Hu et al., "LoRA: Low-Rank Adaptation of Large Language Models" (2021); names as in PEFT.

use std::collections::BTreeMap;

use hanok_nn::{Linear, Lora, Param};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::ModelError;

/// What kind of adapter, and where.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LoraConfig {
    /// Inner dimension, 1 to 1,024.
    pub rank: usize,
    /// The product is multiplied by `alpha / rank`.
    pub alpha: f32,
    /// Ends of the names of the layers that get one, such as `q_proj`; empty for all linear layers of
    /// the blocks.
    pub targets: Vec<String>,
}

impl Default for LoraConfig {
    fn default() -> Self {
        Self {
            rank: 16,
            alpha: 32.0,
            targets: Vec::new(),
        }
    }
}

/// Trained adapters: rank, scale, and by layer A `[rank, inputs]` and B `[outputs, rank]`.
#[derive(Debug, Clone, PartialEq)]
pub struct LoraWeights {
    /// Settings.
    pub config: LoraConfig,
    /// By the layer's name without an ending.
    pub layers: BTreeMap<String, (Vec<f32>, Vec<f32>)>,
}

impl LoraConfig {
    /// Refuses settings that make no sense.
    pub fn check(&self) -> Result<(), ModelError> {
        let refuse = |reason: &str| Err(ModelError::invalid("lora", reason));
        if !(1..=1024).contains(&self.rank) {
            return refuse("rank must be between 1 and 1024");
        }
        if !(self.alpha.is_finite() && self.alpha > 0.0) {
            return refuse("alpha must be above 0");
        }
        Ok(())
    }

    /// Refuses a target that none of these layers is.
    pub fn check_targets(&self, layers: &[String]) -> Result<(), ModelError> {
        self.check()?;
        for target in &self.targets {
            if !layers.iter().any(|layer| ends_with(layer, target)) {
                let mut known: Vec<&str> = layers
                    .iter()
                    .filter_map(|layer| layer.rsplit('.').next())
                    .collect();
                known.sort_unstable();
                known.dedup();
                let reason = format!(
                    "the model has no layer {target:?}; it has {}",
                    known.join(", ")
                );
                return Err(ModelError::invalid("lora.targets", reason));
            }
        }
        Ok(())
    }

    pub(crate) fn applies_to(&self, layer: &str) -> bool {
        self.targets.is_empty() || self.targets.iter().any(|target| ends_with(layer, target))
    }

    /// A adapter that changes nothing yet: A uniform in ±1/√inputs, B zero. A's numbers follow from the
    /// seed and the layer's name alone.
    pub(crate) fn fresh(&self, linear: &Linear, name: &str, seed: u64) -> Lora {
        let mut key: [u8; 32] = Sha256::digest(name).into();
        key.iter_mut()
            .zip(seed.to_le_bytes())
            .for_each(|(key, seed)| *key ^= seed);
        let mut rng = ChaCha8Rng::from_seed(key);
        let bound = 1.0 / (linear.inputs() as f32).sqrt();
        let uniform = |_| {
            let unit = (rng.next_u32() >> 8) as f32 / (1 << 24) as f32;
            (2.0 * unit - 1.0) * bound
        };
        let mut a = Param::new((0..self.rank * linear.inputs()).map(uniform).collect());
        let mut b = Param::new(vec![0.0; linear.outputs() * self.rank]);
        a.set_trained(true);
        b.set_trained(true);
        self.lora(a, b)
    }

    fn lora(&self, a: Param, b: Param) -> Lora {
        Lora {
            a,
            b,
            scale: self.alpha / self.rank as f32,
            rank: self.rank,
        }
    }
}

fn ends_with(layer: &str, target: &str) -> bool {
    layer
        .strip_suffix(target)
        .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

impl LoraWeights {
    pub(crate) fn put_on(mut self, linears: Vec<(String, &mut Linear)>) -> Result<(), ModelError> {
        self.config.check()?;
        let file = "adapter_model.safetensors";
        for (name, linear) in linears {
            let Some((a, b)) = self.layers.remove(&name) else {
                continue;
            };
            let rank = self.config.rank;
            if a.len() != rank * linear.inputs() || b.len() != rank * linear.outputs() {
                let reason = format!("the adapter of {name} is for a layer of another size");
                return Err(ModelError::invalid(file, reason));
            }
            linear.lora = Some(self.config.lora(Param::new(a), Param::new(b)));
        }
        match self.layers.keys().next() {
            Some(name) => {
                let reason = format!("it adapts {name}, which the model does not have");
                Err(ModelError::invalid(file, reason))
            }
            None => Ok(()),
        }
    }
}

/// The adapters of these layers, to be saved.
pub(crate) fn weights_of(config: &LoraConfig, layers: Vec<(String, &Linear)>) -> LoraWeights {
    let weights = layers.into_iter().filter_map(|(name, linear)| {
        let lora = linear.lora.as_ref()?;
        Some((name, (lora.a.value.clone(), lora.b.value.clone())))
    });
    LoraWeights {
        config: config.clone(),
        layers: weights.collect(),
    }
}
