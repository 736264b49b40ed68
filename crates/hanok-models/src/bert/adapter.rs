//! Low-rank adapters on the linear layers of the blocks, and the head that a classifier gets.

use hanok_nn::{Linear, Param};

use super::Bert;
use crate::ModelError;
use crate::lora::{LoraConfig, LoraWeights};

impl Bert {
    /// Puts fresh adapters on the layers that `config` names, and trains them and the classifier alone.
    ///
    /// # Errors
    /// A target that the model does not have.
    pub fn add_lora(&mut self, config: &LoraConfig, seed: u64) -> Result<(), ModelError> {
        self.set_trained(false);
        let names: Vec<String> = self
            .linears_mut()
            .into_iter()
            .map(|(name, _)| name)
            .collect();
        config.check_targets(&names)?;
        for (name, linear) in self.linears_mut() {
            if config.applies_to(&name) {
                linear.lora = Some(config.fresh(linear, &name, seed));
            }
        }
        if let Some(classifier) = &mut self.classifier {
            classifier.set_trained(true);
        }
        Ok(())
    }

    /// Puts trained adapters on, frozen.
    ///
    /// # Errors
    /// Weights for a layer that the model does not have, or of another shape.
    pub fn set_lora(&mut self, adapter: LoraWeights) -> Result<(), ModelError> {
        adapter.put_on(self.linears_mut())
    }

    /// Goes on training the adapters that are on: them and the classifier alone.
    pub fn train_lora(&mut self) {
        self.set_trained(false);
        for (_, linear) in self.linears_mut() {
            if let Some(lora) = &mut linear.lora {
                lora.a.set_trained(true);
                lora.b.set_trained(true);
            }
        }
        if let Some(classifier) = &mut self.classifier {
            classifier.set_trained(true);
        }
    }

    /// The adapters as they are, to be saved.
    pub fn lora(&self) -> Vec<(String, &Linear)> {
        let layers = self.layers.iter().enumerate();
        let linears = layers.flat_map(|(index, layer)| {
            let named = move |(name, linear)| (format!("encoder.layer.{index}.{name}"), linear);
            layer.linears().map(named)
        });
        linears
            .filter(|(_, linear)| linear.lora.is_some())
            .collect()
    }

    fn linears_mut(&mut self) -> Vec<(String, &mut Linear)> {
        let layers = self.layers.iter_mut().enumerate();
        let linears = layers.flat_map(|(index, layer)| {
            let named = move |(name, linear)| (format!("encoder.layer.{index}.{name}"), linear);
            layer.linears_mut().map(named)
        });
        linears.collect()
    }

    /// Makes the model a classifier of these labels, all of whose scores are equal at first. A pooler
    /// that is there is kept; a new one passes on what it gets, up to its tanh.
    pub fn make_classifier(&mut self, labels: Vec<String>) {
        let hidden = self.config.hidden_size;
        let pooler = self.pooler.take();
        self.pooler = Some(pooler.unwrap_or_else(|| {
            let diagonal = |i: usize| if i / hidden == i % hidden { 1.0 } else { 0.0 };
            let unit: Vec<f32> = (0..hidden * hidden).map(diagonal).collect();
            Linear::new(&unit, hidden, hidden, Some(vec![0.0; hidden]))
        }));
        let (classes, zeros) = (labels.len(), vec![0.0; labels.len() * hidden]);
        self.classifier = Some(Linear::new(
            &zeros,
            classes,
            hidden,
            Some(vec![0.0; classes]),
        ));
        self.config.pooler = true;
        self.config.labels = labels;
    }

    /// Puts a trained classifier in: weight `[classes, hidden]` and bias `[classes]`.
    ///
    /// # Errors
    /// Numbers that do not fit the model's sizes.
    pub fn set_classifier(&mut self, weight: &[f32], bias: Vec<f32>) -> Result<(), ModelError> {
        let (hidden, classes) = (self.config.hidden_size, self.config.labels.len());
        if weight.len() != classes * hidden || bias.len() != classes {
            let file = "adapter_model.safetensors";
            let reason = "its classifier is for a model of another size";
            return Err(ModelError::invalid(file, reason));
        }
        self.classifier = Some(Linear::new(weight, classes, hidden, Some(bias)));
        Ok(())
    }
}

/// A frozen copy of a bias, or nothing.
pub(super) fn bias(linear: &Linear) -> Option<Vec<f32>> {
    linear
        .bias
        .as_ref()
        .map(|Param { value, .. }| value.clone())
}
