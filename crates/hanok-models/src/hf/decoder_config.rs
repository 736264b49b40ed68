//! `config.json` of a text generator: sizes and options, checked before anything is allocated.

use super::fields::{Fields, check_rules, check_sizes};
use super::rope;
use super::{CONFIG, MAX_POSITIONS};
use crate::ModelError;
use hanok_nn::RopeScaling;

/// The families that differ from each other in options alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DecoderArch {
    /// `LlamaForCausalLM`.
    Llama,
    /// `Qwen2ForCausalLM`: query, key and value have a bias, the output has none.
    Qwen2,
    /// `MistralForCausalLM`: Llama without biases.
    Mistral,
}

/// Sizes and options of a text generator.
#[derive(Debug, Clone, PartialEq)]
pub struct DecoderConfig {
    /// The family.
    pub arch: DecoderArch,
    /// Rows of the embedding table and of the output.
    pub vocab_size: usize,
    /// Length of a token's vector between the layers.
    pub hidden_size: usize,
    /// Length of the vector inside a feed-forward layer.
    pub intermediate_size: usize,
    /// Number of blocks.
    pub layers: usize,
    /// Heads of the queries.
    pub heads: usize,
    /// Heads of keys and values; divides `heads`.
    pub kv_heads: usize,
    /// Length of one head, even; need not be `hidden_size / heads`.
    pub head_dim: usize,
    /// Longest sequence, in tokens: the context, or the sliding window where there is one, since up to
    /// there a window and full attention are the same.
    pub max_positions: usize,
    /// Added to the mean square in every norm.
    pub rms_norm_eps: f32,
    /// Base of the rotary positions.
    pub rope_theta: f64,
    /// Stretching of the rotary positions.
    pub rope_scaling: RopeScaling,
    /// Query, key and value projections have a bias.
    pub qkv_bias: bool,
    /// The output projection of the attention has a bias.
    pub o_bias: bool,
    /// The projections of the feed-forward layer have a bias.
    pub mlp_bias: bool,
    /// The output layer is the embedding table.
    pub tie_word_embeddings: bool,
    /// The token that begins a sequence.
    pub bos_id: Option<u32>,
    /// Tokens that end an answer, ascending: those of `config.json` and of `generation_config.json`.
    pub eos_ids: Vec<u32>,
    /// The token that fills up a batch.
    pub pad_id: Option<u32>,
}

impl DecoderConfig {
    /// Reads the fields of a config whose architecture is known already.
    pub(super) fn read(
        arch: DecoderArch,
        config: &Fields,
        generation: Option<&Fields>,
    ) -> Result<Self, ModelError> {
        refuse_other_math(config)?;
        let size = |field: &str| config.required(field, config.size(field)?);
        let (hidden_size, heads) = (size("hidden_size")?, size("num_attention_heads")?);
        let (rope_theta, rope_scaling) = rope::read(config)?;
        let flag = |field: &str| Ok::<_, ModelError>(config.flag(field)?.unwrap_or(false));
        let attention_bias = arch == DecoderArch::Llama && flag("attention_bias")?;
        let default_kv = if arch == DecoderArch::Mistral {
            8
        } else {
            heads
        };
        let context = config.size("max_position_embeddings")?.unwrap_or(2048);
        let read = Self {
            arch,
            vocab_size: size("vocab_size")?,
            hidden_size,
            intermediate_size: size("intermediate_size")?,
            layers: size("num_hidden_layers")?,
            heads,
            kv_heads: config.size("num_key_value_heads")?.unwrap_or(default_kv),
            head_dim: match config.size("head_dim")? {
                Some(head_dim) => head_dim,
                None => hidden_size.checked_div(heads).unwrap_or(0),
            },
            max_positions: context.min(window(arch, config)?.unwrap_or(usize::MAX)),
            rms_norm_eps: config.number("rms_norm_eps")?.unwrap_or(1e-6) as f32,
            rope_theta,
            rope_scaling,
            qkv_bias: arch == DecoderArch::Qwen2 || attention_bias,
            o_bias: attention_bias,
            mlp_bias: arch == DecoderArch::Llama && flag("mlp_bias")?,
            tie_word_embeddings: flag("tie_word_embeddings")?,
            bos_id: config.ids("bos_token_id")?.first().copied(),
            eos_ids: eos_ids(config, generation)?,
            pad_id: config.ids("pad_token_id")?.first().copied(),
        };
        read.check()?;
        Ok(read)
    }

    fn check(&self) -> Result<(), ModelError> {
        let sizes = [
            ("vocab_size", self.vocab_size, 4_000_000),
            ("hidden_size", self.hidden_size, 65_536),
            ("intermediate_size", self.intermediate_size, 1_000_000),
            ("num_hidden_layers", self.layers, 1_000),
            ("num_attention_heads", self.heads, 1_024),
            ("num_key_value_heads", self.kv_heads, 1_024),
            (
                "head_dim (or hidden_size / num_attention_heads)",
                self.head_dim,
                1_024,
            ),
            (
                "max_position_embeddings (or sliding_window)",
                self.max_positions,
                MAX_POSITIONS,
            ),
        ];
        check_sizes(CONFIG, &sizes)?;
        let fits = |id: u32| (id as usize) < self.vocab_size;
        let ids_fit = self.eos_ids.iter().all(|id| fits(*id)) && self.bos_id.is_none_or(fits);
        let eps = self.rms_norm_eps;
        let rules = [
            (
                self.heads.is_multiple_of(self.kv_heads),
                "num_key_value_heads does not divide num_attention_heads",
            ),
            (self.head_dim.is_multiple_of(2), "head_dim is not even"),
            (
                eps > 0.0 && eps < 1.0,
                "rms_norm_eps is not between 0 and 1",
            ),
            (ids_fit, "bos_token_id or eos_token_id is beyond vocab_size"),
        ];
        check_rules(CONFIG, &rules)
    }
}

/// What a config may ask for that changes the arithmetic and is not built.
fn refuse_other_math(config: &Fields) -> Result<(), ModelError> {
    let act = config.text("hidden_act")?.unwrap_or("silu");
    if !["silu", "swish"].contains(&act) {
        return Err(config.unsupported(format!("hidden_act {act}"), "silu is"));
    }
    super::refuse_quantised(config)
}

/// The sliding window, where the config turns one on.
fn window(arch: DecoderArch, config: &Fields) -> Result<Option<usize>, ModelError> {
    let kinds = config.texts("layer_types")?;
    for kind in &kinds {
        if !["full_attention", "sliding_attention"].contains(kind) {
            let found = format!("layer_types with {kind}");
            return Err(config.unsupported(found, "full and sliding attention are"));
        }
    }
    let on = match arch {
        DecoderArch::Llama => false,
        DecoderArch::Mistral => true,
        DecoderArch::Qwen2 => config.flag("use_sliding_window")?.unwrap_or(false),
    };
    if !on || (!kinds.is_empty() && !kinds.contains(&"sliding_attention")) {
        return Ok(None);
    }
    config.size("sliding_window")
}

fn eos_ids(config: &Fields, generation: Option<&Fields>) -> Result<Vec<u32>, ModelError> {
    let mut ids = config.ids("eos_token_id")?;
    if let Some(generation) = generation {
        ids.extend(generation.ids("eos_token_id")?);
    }
    ids.sort_unstable();
    ids.dedup();
    Ok(ids)
}
