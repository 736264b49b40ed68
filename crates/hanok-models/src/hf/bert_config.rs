//! `config.json` of a BERT encoder, and what sentence-transformers says about its pooling.

use serde_json::Value;

use super::fields::{Fields, check_rules, check_sizes};
use super::{CONFIG, MAX_POSITIONS};
use crate::ModelError;

/// The function between the two halves of a feed-forward layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BertAct {
    /// `x Φ(x)` with the error function.
    Gelu,
    /// GELU by the hyperbolic tangent.
    GeluTanh,
    /// `max(x, 0)`.
    Relu,
}

/// How one vector is made of those of all tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pooling {
    /// Their mean, padding left out.
    Mean,
    /// The first token's.
    Cls,
    /// The largest value of each dimension, padding left out.
    Max,
}

/// Sizes and options of a BERT encoder.
#[derive(Debug, Clone, PartialEq)]
pub struct BertConfig {
    /// Rows of the embedding table.
    pub vocab_size: usize,
    /// Length of a token's vector between the layers.
    pub hidden_size: usize,
    /// Length of the vector inside a feed-forward layer.
    pub intermediate_size: usize,
    /// Number of blocks.
    pub layers: usize,
    /// Heads; divides `hidden_size`.
    pub heads: usize,
    /// Rows of the position table.
    pub max_positions: usize,
    /// Rows of the token-type table.
    pub type_vocab_size: usize,
    /// Added to the variance in every norm.
    pub layer_norm_eps: f32,
    /// The function inside the feed-forward layers.
    pub hidden_act: BertAct,
    /// The token that fills up a batch.
    pub pad_token_id: u32,
    /// Names of the classes in the order of the scores; empty unless the model is a classifier.
    pub labels: Vec<String>,
    /// The dense layer with tanh over the first token is there; a classifier always has it.
    pub pooler: bool,
    /// How a text's vector is made.
    pub pooling: Pooling,
    /// A text's vector is scaled to length 1.
    pub normalize: bool,
    /// Most tokens of a text, special ones included; at most `max_positions`.
    pub max_seq_length: usize,
}

impl BertConfig {
    /// Length of one head.
    pub fn head_dim(&self) -> usize {
        self.hidden_size / self.heads
    }

    /// Reads the fields of a config that is known to be BERT's.
    pub(super) fn read(config: &Fields, classifier: bool) -> Result<Self, ModelError> {
        let positions = config.text("position_embedding_type")?;
        if let Some(other) = positions.filter(|kind| *kind != "absolute") {
            let found = format!("position_embedding_type {other}");
            return Err(config.unsupported(found, "absolute is"));
        }
        super::refuse_quantised(config)?;
        let size = |field: &str| config.required(field, config.size(field)?);
        let max_positions = size("max_position_embeddings")?;
        let read = Self {
            vocab_size: size("vocab_size")?,
            hidden_size: size("hidden_size")?,
            intermediate_size: size("intermediate_size")?,
            layers: size("num_hidden_layers")?,
            heads: size("num_attention_heads")?,
            max_positions,
            type_vocab_size: config.size("type_vocab_size")?.unwrap_or(2),
            layer_norm_eps: config.number("layer_norm_eps")?.unwrap_or(1e-12) as f32,
            hidden_act: act(config)?,
            pad_token_id: config.ids("pad_token_id")?.first().copied().unwrap_or(0),
            labels: if classifier {
                labels(config)?
            } else {
                Vec::new()
            },
            pooler: classifier,
            pooling: Pooling::Mean,
            normalize: false,
            max_seq_length: max_positions,
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
            ("max_position_embeddings", self.max_positions, MAX_POSITIONS),
            ("type_vocab_size", self.type_vocab_size, 1_024),
        ];
        check_sizes(CONFIG, &sizes)?;
        let eps = self.layer_norm_eps;
        let rules = [
            (
                self.hidden_size.is_multiple_of(self.heads),
                "num_attention_heads does not divide hidden_size",
            ),
            (
                self.max_positions > 2,
                "max_position_embeddings has no room for a text",
            ),
            (
                eps > 0.0 && eps < 1.0,
                "layer_norm_eps is not between 0 and 1",
            ),
            (
                self.labels.len() != 1,
                "id2label has one class; that is a regression, which is not supported",
            ),
            (
                (self.pad_token_id as usize) < self.vocab_size,
                "pad_token_id is beyond vocab_size",
            ),
        ];
        check_rules(CONFIG, &rules)
    }
}

fn act(config: &Fields) -> Result<BertAct, ModelError> {
    match config.text("hidden_act")?.unwrap_or("gelu") {
        "gelu" => Ok(BertAct::Gelu),
        "gelu_new" | "gelu_pytorch_tanh" => Ok(BertAct::GeluTanh),
        "relu" => Ok(BertAct::Relu),
        other => Err(config.unsupported(
            format!("hidden_act {other}"),
            "gelu, gelu_new, gelu_pytorch_tanh and relu are",
        )),
    }
}

/// The names in `id2label`, or `LABEL_0` … as many as `num_labels` says (two by default).
fn labels(config: &Fields) -> Result<Vec<String>, ModelError> {
    if let Some(problem) = config.text("problem_type")?
        && problem != "single_label_classification"
    {
        let found = format!("problem_type {problem}");
        return Err(config.unsupported(found, "single_label_classification is"));
    }
    let Some(names) = config.get("id2label") else {
        let count = config.size("num_labels")?.unwrap_or(2);
        if !(1..=100_000).contains(&count) {
            return Err(config.invalid("num_labels", "is not in 1..=100000"));
        }
        return Ok((0..count).map(|i| format!("LABEL_{i}")).collect());
    };
    let wrong = || config.invalid("id2label", "does not name the classes 0, 1, 2, … in order");
    let names = names.as_object().ok_or_else(wrong)?;
    let name = |i: usize| names.get(&i.to_string()).and_then(Value::as_str);
    let names: Option<Vec<String>> = (0..names.len())
        .map(|i| Some(name(i)?.to_owned()))
        .collect();
    names.filter(|names| !names.is_empty()).ok_or_else(wrong)
}
