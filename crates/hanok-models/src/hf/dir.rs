//! A model's directory, opened: everything that can be refused without building the model is.

use std::path::Path;

use super::CONFIG;
use super::family::{self, ModelConfig};
use super::fields::Fields;
use super::folder::Folder;
use super::sentence;
use super::weights::Weights;
use crate::template;
use crate::{ChatTemplate, ModelError, Tokenizer};

const GENERATION: &str = "generation_config.json";
const ADAPTER: &str = "adapter_config.json";
const MAX_CONFIG: u64 = 4 << 20;

/// A whole model on disk: its config is checked, its tensors have the shapes that follow from it.
#[derive(Debug)]
pub struct ModelDir {
    /// The class that the config names, such as `LlamaForCausalLM`.
    pub architecture: String,
    /// Sizes and options.
    pub config: ModelConfig,
    /// Text to tokens and back.
    pub tokenizer: Tokenizer,
    /// Conversations to tokens: the model's own way, or the default one.
    pub template: ChatTemplate,
    /// The tensors, not read yet.
    pub weights: Weights,
    /// The config asks for Python code of its own, which is never run.
    pub custom_code: bool,
    /// Numbers in all tensors.
    pub parameters: u64,
}

impl ModelDir {
    /// Opens a directory with `config.json`, `tokenizer.json` and weights as safetensors.
    pub fn open(dir: &Path) -> Result<Self, ModelError> {
        let folder = Folder::open(dir)?;
        if !folder.has(CONFIG) && folder.has(ADAPTER) {
            let reason =
                "is a LoRA adapter and no whole model; open its base model and add it to that";
            return Err(ModelError::invalid(ADAPTER, reason));
        }
        let config = Fields::parse(CONFIG, &folder.read(CONFIG, MAX_CONFIG)?)?;
        let generation = match folder.read_if_there(GENERATION, MAX_CONFIG)? {
            Some(bytes) => Some(Fields::parse(GENERATION, &bytes)?),
            None => None,
        };
        let custom_code = config.get("auto_map").is_some();
        let (architecture, mut config) = family::read(&config, generation.as_ref())?;
        let weights = Weights::of_model(&folder, config.weight_names())?;
        if let ModelConfig::Bert(bert) = &mut config {
            sentence::apply(&folder, bert)?;
            bert.pooler = bert.pooler || weights.contains("pooler.dense.weight");
        }
        let parameters = weights.check(&config.tensors(), config.leftovers())?;
        let tokenizer = Tokenizer::of_folder(&folder)?;
        if tokenizer.max_id() as usize >= config.vocab_size() {
            let reason = format!(
                "has the token id {}, the model's vocab_size is {}",
                tokenizer.max_id(),
                config.vocab_size()
            );
            return Err(ModelError::invalid("tokenizer.json", reason));
        }
        let (bos_id, eos_id) = match &config {
            ModelConfig::Decoder(decoder) => (decoder.bos_id, decoder.eos_ids.first().copied()),
            ModelConfig::Bert(_) => (None, None),
        };
        let template = template::of_folder(&folder, &tokenizer, bos_id, eos_id)?;
        Ok(Self {
            tokenizer,
            template,
            architecture,
            config,
            weights,
            custom_code,
            parameters,
        })
    }
}
