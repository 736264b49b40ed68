//! Which model a `config.json` describes, and which tensors it has.

use super::CONFIG;
use super::bert_config::BertConfig;
use super::decoder_config::{DecoderArch, DecoderConfig};
use super::fields::Fields;
use super::tensors::{bert_tensors, decoder_tensors};
use super::weights::WeightNames;
use crate::ModelError;

const SUPPORTED: &str = "LlamaForCausalLM, Qwen2ForCausalLM, MistralForCausalLM, BertModel and \
    BertForSequenceClassification are";

/// The config of a model of any supported family.
#[derive(Debug, Clone, PartialEq)]
pub enum ModelConfig {
    /// It writes text.
    Decoder(DecoderConfig),
    /// It reads text: embeddings, class scores.
    Bert(BertConfig),
}

impl ModelConfig {
    /// Names and shapes of its tensors.
    pub fn tensors(&self) -> Vec<(String, Vec<usize>)> {
        match self {
            Self::Decoder(config) => decoder_tensors(config),
            Self::Bert(config) => bert_tensors(config),
        }
    }

    /// Beginnings of names of tensors that files may hold besides and that are not read.
    pub fn leftovers(&self) -> &'static [&'static str] {
        match self {
            Self::Decoder(config) if config.tie_word_embeddings => &["lm_head.weight"],
            Self::Decoder(_) => &[],
            // Heads of the pretraining.
            Self::Bert(_) => &["cls."],
        }
    }

    pub(super) fn weight_names(&self) -> WeightNames {
        match self {
            Self::Decoder(_) => WeightNames::Decoder,
            Self::Bert(_) => WeightNames::Bert,
        }
    }

    pub(super) fn vocab_size(&self) -> usize {
        match self {
            Self::Decoder(config) => config.vocab_size,
            Self::Bert(config) => config.vocab_size,
        }
    }
}

enum Family {
    Decoder(DecoderArch),
    Bert { classifier: bool },
}

/// The architecture's name and its config.
pub(super) fn read(
    config: &Fields,
    generation: Option<&Fields>,
) -> Result<(String, ModelConfig), ModelError> {
    let (name, family) = family(config)?;
    let read = match family {
        Family::Decoder(arch) => {
            ModelConfig::Decoder(DecoderConfig::read(arch, config, generation)?)
        }
        Family::Bert { classifier } => ModelConfig::Bert(BertConfig::read(config, classifier)?),
    };
    Ok((name, read))
}

fn family(config: &Fields) -> Result<(String, Family), ModelError> {
    let names = config.texts("architectures")?;
    let kind = config.text("model_type")?;
    let name = match (names.first(), kind) {
        (Some(name), _) => *name,
        (None, Some("llama")) => "LlamaForCausalLM",
        (None, Some("qwen2")) => "Qwen2ForCausalLM",
        (None, Some("mistral")) => "MistralForCausalLM",
        (None, Some("bert")) => "BertModel",
        (None, Some(other)) => {
            return Err(config.unsupported(format!("the model_type {other}"), SUPPORTED));
        }
        (None, None) => {
            let reason = "has neither architectures nor model_type: not the config of a model";
            return Err(ModelError::invalid(CONFIG, reason));
        }
    };
    let (own_kind, family) = match name {
        "LlamaForCausalLM" => ("llama", Family::Decoder(DecoderArch::Llama)),
        "Qwen2ForCausalLM" => ("qwen2", Family::Decoder(DecoderArch::Qwen2)),
        "MistralForCausalLM" => ("mistral", Family::Decoder(DecoderArch::Mistral)),
        "BertForSequenceClassification" => ("bert", Family::Bert { classifier: true }),
        "BertModel"
        | "BertForMaskedLM"
        | "BertForPreTraining"
        | "BertForNextSentencePrediction" => ("bert", Family::Bert { classifier: false }),
        other => {
            return Err(config.unsupported(format!("the architecture {other}"), SUPPORTED));
        }
    };
    match kind {
        Some(kind) if kind != own_kind => {
            let found = format!("the architecture {name} with the model_type {kind}");
            Err(config.unsupported(found, SUPPORTED))
        }
        _ => Ok((name.to_owned(), family)),
    }
}
