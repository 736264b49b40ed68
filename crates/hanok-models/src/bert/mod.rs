//! The encoder of the BERT family: token vectors, sentence embeddings, class scores.
//!
//! Reference: Devlin et al., "BERT" (2019), and `modeling_bert.py` of Hugging Face Transformers.
//! Owns the mathematics and the names of weights; not how files are read, nor what is optimised.

mod adapter;
mod classify;
mod embed;
mod export;
mod layer;

use std::ops::Range;

use hanok_nn::activation::Activation;
use hanok_nn::{Attention, Buffer, LayerNorm, Linear, Named, Param};

use crate::ModelError;
use crate::decoder::layer::linear;
use crate::hf::{BertAct, BertConfig, Weights};
use layer::{Layer, LayerSaved};

pub use classify::no_classifier;

/// A loaded encoder.
pub struct Bert {
    /// Sizes and options.
    pub config: BertConfig,
    /// `[vocab, hidden]`
    words: Param,
    /// `[positions, hidden]`
    positions: Param,
    /// `[types, hidden]`
    types: Param,
    norm: LayerNorm,
    layers: Vec<Layer>,
    /// `[hidden, hidden]`
    pooler: Option<Linear>,
    /// `[classes, hidden]`
    classifier: Option<Linear>,
    attention: Attention,
    activation: Activation,
}

/// Texts one after the other, without padding.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Texts {
    /// Of all texts, special tokens included.
    pub tokens: Vec<u32>,
    /// Which part of a pair a token is of: 0 or 1.
    pub types: Vec<u32>,
    /// Which tokens belong together.
    pub sequences: Vec<Range<usize>>,
}

impl Texts {
    /// Adds a text that is no pair.
    pub fn push(&mut self, tokens: &[u32]) {
        let start = self.tokens.len();
        self.tokens.extend_from_slice(tokens);
        self.types.resize(self.tokens.len(), 0);
        self.sequences.push(start..self.tokens.len());
    }

    fn positions(&self) -> impl Iterator<Item = u32> {
        self.sequences.iter().flat_map(|s| 0..s.len() as u32)
    }
}

struct Saved {
    /// Sum of the three embeddings, before the norm.
    sum: Buffer,
    norm: hanok_nn::LayerNormSaved,
    layers: Vec<LayerSaved>,
}

pub(crate) fn layer_norm(
    config: &BertConfig,
    weights: &mut Weights,
    name: &str,
) -> Result<LayerNorm, ModelError> {
    let size = [config.hidden_size];
    Ok(LayerNorm {
        weight: Param::new(weights.take(&format!("{name}.weight"), &size)?),
        bias: Param::new(weights.take(&format!("{name}.bias"), &size)?),
        eps: config.layer_norm_eps,
    })
}

impl Bert {
    /// Takes the weights of a model out of its files. All are frozen at first.
    pub fn load(config: BertConfig, weights: &mut Weights) -> Result<Self, ModelError> {
        let hidden = config.hidden_size;
        let mut table = |name: &str, rows: usize| {
            let name = format!("embeddings.{name}_embeddings.weight");
            Ok::<_, ModelError>(Param::new(weights.take(&name, &[rows, hidden])?))
        };
        let words = table("word", config.vocab_size)?;
        let positions = table("position", config.max_positions)?;
        let types = table("token_type", config.type_vocab_size)?;
        let layers = (0..config.layers).map(|index| Layer::load(&config, weights, index));
        let layers = layers.collect::<Result<Vec<_>, _>>()?;
        let pooler = match config.pooler {
            true => Some(linear(weights, "pooler.dense", (hidden, hidden), true)?),
            false => None,
        };
        let classifier = match config.labels.len() {
            0 => None,
            classes => Some(linear(weights, "classifier", (classes, hidden), true)?),
        };
        Ok(Self {
            norm: layer_norm(&config, weights, "embeddings.LayerNorm")?,
            attention: Attention {
                heads: config.heads,
                kv_heads: config.heads,
                head_dim: config.head_dim(),
                causal: false,
                window: None,
            },
            activation: match config.hidden_act {
                BertAct::Gelu => Activation::Gelu,
                BertAct::GeluTanh => Activation::GeluTanh,
                BertAct::Relu => Activation::Relu,
            },
            words,
            positions,
            types,
            layers,
            pooler,
            classifier,
            config,
        })
    }

    /// Bytes of all weights.
    pub fn bytes(&self) -> usize {
        let tables = [&self.words, &self.positions, &self.types];
        let tables: usize = tables.iter().map(|t| size_of_val(t.value.as_slice())).sum();
        tables + self.layers.iter().map(Layer::bytes).sum::<usize>()
    }

    /// The last layer's output, `[tokens, hidden]`.
    pub fn hidden(&self, texts: &Texts) -> Buffer {
        self.run(texts, false).0
    }

    fn run(&self, texts: &Texts, kept: bool) -> (Buffer, Saved) {
        let width = self.config.hidden_size;
        let mut sum = Buffer::scratch(texts.tokens.len() * width);
        let ids = texts.tokens.iter().zip(&texts.types).zip(texts.positions());
        for (((word, kind), position), row) in ids.zip(sum.chunks_exact_mut(width)) {
            let of = |table: &Param, index: u32, i: usize| table.value[index as usize * width + i];
            for (i, x) in row.iter_mut().enumerate() {
                *x = of(&self.words, *word, i) + of(&self.types, *kind, i);
                *x += of(&self.positions, position, i);
            }
        }
        let (mut x, norm) = self.norm.forward(&sum);
        let mut layers = Vec::new();
        for layer in &self.layers {
            let context = (&self.attention, texts.sequences.as_slice(), self.activation);
            let (y, saved) = layer.forward(x, context);
            x = y;
            if kept {
                layers.push(saved);
            }
        }
        (x, Saved { sum, norm, layers })
    }

    /// Trains every weight from now on, or none.
    pub fn set_trained(&mut self, trained: bool) {
        for table in [&mut self.words, &mut self.positions, &mut self.types] {
            table.set_trained(trained);
        }
        self.norm.weight.set_trained(trained);
        self.norm.bias.set_trained(trained);
        self.layers
            .iter_mut()
            .for_each(|layer| layer.set_trained(trained));
        self.set_head_trained(trained);
    }

    /// Trains pooler and classifier, or freezes them.
    pub fn set_head_trained(&mut self, trained: bool) {
        for linear in self.pooler.iter_mut().chain(&mut self.classifier) {
            linear.set_trained(trained);
        }
    }

    /// The trained weights by the names of their files.
    pub fn trained(&mut self) -> Named<'_> {
        let mut list = Vec::new();
        let tables = [
            ("word", &mut self.words),
            ("position", &mut self.positions),
            ("token_type", &mut self.types),
        ];
        for (name, table) in tables {
            table.list(format!("embeddings.{name}_embeddings.weight"), &mut list);
        }
        layer::list_norm(&mut self.norm, "embeddings.LayerNorm", &mut list);
        for (index, layer) in self.layers.iter_mut().enumerate() {
            layer.list(&format!("encoder.layer.{index}"), &mut list);
        }
        if let Some(pooler) = &mut self.pooler {
            pooler.list("pooler.dense", &mut list);
        }
        if let Some(classifier) = &mut self.classifier {
            classifier.list("classifier", &mut list);
        }
        list
    }
}
