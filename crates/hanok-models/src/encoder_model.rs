//! A text encoder with all that belongs to it, from a directory and back into one.

use std::collections::BTreeMap;
use std::path::Path;

use crate::hf::{self, Adapter, AdapterTask, FloatType, ModelConfig, ModelDir};
use crate::lora::weights_of;
use crate::{Bert, LoraConfig, ModelError, Tokenizer};

/// The classes of an adapter, which PEFT's own files do not name.
const LABELS: &str = "labels.json";

/// An encoder of the BERT family and its tokenizer.
pub struct EncoderModel {
    /// The weights.
    pub bert: Bert,
    /// Text to tokens.
    pub tokenizer: Tokenizer,
}

impl EncoderModel {
    /// Loads a model's directory, with the adapter of a PEFT directory on top if there is one.
    ///
    /// # Errors
    /// Whatever is wrong with the files, by name; a decoder.
    pub fn load(dir: &Path, adapter: Option<&Path>) -> Result<Self, ModelError> {
        let dir = ModelDir::open(dir)?;
        let ModelConfig::Bert(config) = dir.config else {
            let reason = format!("{} writes text; an encoder is needed", dir.architecture);
            return Err(ModelError::invalid("config.json", reason));
        };
        let mut weights = dir.weights;
        let mut bert = Bert::load(config, &mut weights)?;
        if let Some(adapter) = adapter {
            adapt(&mut bert, adapter)?;
        }
        Ok(Self {
            bert,
            tokenizer: dir.tokenizer,
        })
    }

    /// Writes a whole model; what is not weights is copied from the directory `base`.
    pub fn save(&self, base: &Path, dir: &Path) -> Result<(), ModelError> {
        hf::create(dir)?;
        hf::copy_companions(base, dir)?;
        hf::set_float_type(dir, FloatType::F32)?;
        if !self.bert.config.labels.is_empty() {
            hf::make_classifier_config(dir, &self.bert.config.labels)?;
        }
        let tensors = hf::bert_stored_tensors(&self.bert.config);
        let values = self.bert.tensors().map(|(_, _, values)| values);
        hf::write_tensors(
            &dir.join("model.safetensors"),
            FloatType::F32,
            &tensors,
            values,
        )
    }

    /// Writes the adapters and the classifier alone.
    pub fn save_adapter(&self, dir: &Path, config: &LoraConfig) -> Result<(), ModelError> {
        let tensors = hf::bert_tensors(&self.bert.config).into_iter();
        let head = tensors.filter(|(name, _)| name.starts_with("classifier."));
        let saved = head.filter_map(|(name, shape)| {
            let values = self.bert.tensor(&name)?;
            Some((name, (shape, values)))
        });
        let adapter = Adapter {
            task: AdapterTask::Classify,
            base_model: String::new(),
            lora: weights_of(config, self.bert.lora()),
            saved: saved.collect::<BTreeMap<_, _>>(),
        };
        adapter.save(dir)?;
        let labels = serde_json::to_vec(&self.bert.config.labels);
        let labels = labels.map_err(|e| ModelError::invalid(LABELS, e.to_string()))?;
        hf::write_file(dir, LABELS, &labels)
    }
}

fn adapt(bert: &mut Bert, dir: &Path) -> Result<(), ModelError> {
    let mut adapter = Adapter::load(dir)?;
    if let Some(bytes) = hf::Folder::open(dir)?.read_if_there(LABELS, 1 << 20)? {
        let labels = serde_json::from_slice(&bytes);
        bert.make_classifier(labels.map_err(|e| ModelError::invalid(LABELS, e.to_string()))?);
    }
    let mut take = |name: &str| adapter.saved.remove(name).map(|(_, values)| values);
    if let (Some(weight), Some(bias)) = (take("classifier.weight"), take("classifier.bias")) {
        bert.set_classifier(&weight, bias)?;
    }
    bert.set_lora(adapter.lora)
}
