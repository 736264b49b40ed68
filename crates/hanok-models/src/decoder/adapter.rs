//! Low-rank adapters on the linear layers of the blocks: new ones, and those of a PEFT directory.

use hanok_nn::Linear;

use super::Decoder;
use crate::ModelError;
use crate::lora::{LoraConfig, LoraWeights};

impl Decoder {
    /// Puts fresh adapters on the layers that `config` names, and trains them alone.
    ///
    /// # Errors
    /// A target that the model does not have.
    pub fn add_lora(&mut self, config: &LoraConfig, seed: u64) -> Result<(), ModelError> {
        self.set_trained(false);
        config.check_targets(&self.linear_names())?;
        for (name, linear) in self.linears_mut() {
            if config.applies_to(&name) {
                linear.lora = Some(config.fresh(linear, &name, seed));
            }
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

    /// Goes on training the adapters that are on: them alone.
    pub fn train_lora(&mut self) {
        self.set_trained(false);
        for (_, linear) in self.linears_mut() {
            if let Some(lora) = &mut linear.lora {
                lora.a.set_trained(true);
                lora.b.set_trained(true);
            }
        }
    }

    /// The adapters as they are, to be saved.
    pub fn lora(&self) -> Vec<(String, &Linear)> {
        let layers = self.layers.iter().enumerate();
        let linears = layers.flat_map(|(index, layer)| {
            let named = move |(name, linear)| (format!("model.layers.{index}.{name}"), linear);
            layer.linears().map(named)
        });
        linears
            .filter(|(_, linear)| linear.lora.is_some())
            .collect()
    }

    fn linear_names(&self) -> Vec<String> {
        let layers = self.layers.iter().enumerate();
        let names = layers.flat_map(|(index, layer)| {
            let linears = layer.linears();
            linears.map(|(name, _)| format!("model.layers.{index}.{name}"))
        });
        names.collect()
    }

    fn linears_mut(&mut self) -> Vec<(String, &mut Linear)> {
        let layers = self.layers.iter_mut().enumerate();
        let linears = layers.flat_map(|(index, layer)| {
            let named = move |(name, linear)| (format!("model.layers.{index}.{name}"), linear);
            layer.linears_mut().map(named)
        });
        linears.collect()
    }
}
