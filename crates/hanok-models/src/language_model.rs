//! A text generator with all that belongs to it, from a directory and back into one.

use std::collections::BTreeMap;
use std::path::Path;

use crate::hf::{self, Adapter, AdapterTask, FloatType, ModelConfig, ModelDir};
use crate::lora::weights_of;
use crate::{ChatTemplate, Decoder, LoraConfig, ModelError, Tokenizer};

/// A decoder, its tokenizer and its chat template.
pub struct LanguageModel {
    /// The weights.
    pub decoder: Decoder,
    /// Text to tokens and back.
    pub tokenizer: Tokenizer,
    /// Conversations to tokens.
    pub template: ChatTemplate,
}

impl LanguageModel {
    /// Loads a model's directory, with the adapter of a PEFT directory on top if there is one.
    ///
    /// # Errors
    /// Whatever is wrong with the files, by name; an encoder.
    pub fn load(dir: &Path, adapter: Option<&Path>) -> Result<Self, ModelError> {
        let dir = ModelDir::open(dir)?;
        let ModelConfig::Decoder(config) = dir.config else {
            let reason = format!("{} writes no text; a decoder is needed", dir.architecture);
            return Err(ModelError::invalid("config.json", reason));
        };
        let mut weights = dir.weights;
        let mut decoder = Decoder::load(config, &mut weights)?;
        if let Some(adapter) = adapter {
            decoder.set_lora(Adapter::load(adapter)?.lora)?;
        }
        Ok(Self {
            decoder,
            tokenizer: dir.tokenizer,
            template: dir.template,
        })
    }

    /// Writes a whole model; what is not weights is copied from the directory `base`.
    pub fn save(&self, base: &Path, dir: &Path) -> Result<(), ModelError> {
        self.save_as(base, dir, FloatType::F32)
    }

    /// The same with weights of another type.
    pub fn save_as(&self, base: &Path, dir: &Path, float: FloatType) -> Result<(), ModelError> {
        hf::create(dir)?;
        hf::copy_companions(base, dir)?;
        hf::set_float_type(dir, float)?;
        let tensors = hf::decoder_tensors(&self.decoder.config);
        let values = self.decoder.tensors().map(|(_, _, values)| values);
        hf::write_tensors(&dir.join("model.safetensors"), float, &tensors, values)
    }

    /// Writes the adapters alone.
    pub fn save_adapter(&self, dir: &Path, config: &LoraConfig) -> Result<(), ModelError> {
        let adapter = Adapter {
            task: AdapterTask::Generate,
            base_model: String::new(),
            lora: weights_of(config, self.decoder.lora()),
            saved: BTreeMap::new(),
        };
        adapter.save(dir)
    }
}
