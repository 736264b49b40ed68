//! The decoder of the Llama family (Llama, Qwen2, Mistral): one definition for training and generation.
//!
//! Reference: Touvron et al., "LLaMA" (2023), and `modeling_llama.py` of Hugging Face Transformers.
//! Owns the mathematics and the names of weights; not how files are read, nor what is optimised.

mod adapter;
mod cache;
mod export;
pub(crate) mod layer;

use std::ops::Range;

use hanok_nn::{Attention, Buffer, Linear, Named, RmsNorm, Rope, RowLoss};

use crate::ModelError;
use crate::hf::{DecoderConfig, Weights};

pub use cache::KvCache;
use layer::{Layer, LayerSaved};

/// A loaded text generator.
pub struct Decoder {
    /// Sizes and options.
    pub config: DecoderConfig,
    /// `[vocab, hidden]`; also the head where the two are tied.
    embed: Linear,
    layers: Vec<Layer>,
    norm: RmsNorm,
    /// `[vocab, hidden]`
    head: Option<Linear>,
    rope: Rope,
    attention: Attention,
}

/// Sequences one after the other, without padding.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Batch {
    /// Of all sequences.
    pub tokens: Vec<u32>,
    /// Which tokens belong together.
    pub sequences: Vec<Range<usize>>,
    /// What should follow each token; unset where it does not count.
    pub targets: Vec<Option<u32>>,
}

impl Batch {
    /// Adds a sequence. A token whose `counts` is set is to be foretold from those before it.
    pub fn push(&mut self, tokens: &[u32], counts: &[bool]) {
        let start = self.tokens.len();
        self.tokens.extend_from_slice(tokens);
        self.sequences.push(start..self.tokens.len());
        let next = tokens.iter().zip(counts).skip(1);
        self.targets
            .extend(next.map(|(token, counts)| counts.then_some(*token)));
        if !tokens.is_empty() {
            self.targets.push(None);
        }
    }

    /// Tokens that are to be foretold.
    pub fn counted(&self) -> usize {
        self.targets.iter().flatten().count()
    }
}

impl Decoder {
    /// Takes the weights of a model out of its files. All are frozen at first.
    pub fn load(config: DecoderConfig, weights: &mut Weights) -> Result<Self, ModelError> {
        let (vocab, hidden) = (config.vocab_size, config.hidden_size);
        let table = |weights: &mut Weights, name| {
            let weight = weights.take(name, &[vocab, hidden])?;
            Ok::<_, ModelError>(Linear::new(&weight, vocab, hidden, None))
        };
        let embed = table(weights, "model.embed_tokens.weight")?;
        let layers = (0..config.layers).map(|index| Layer::load(&config, weights, index));
        let layers = layers.collect::<Result<Vec<_>, _>>()?;
        let norm = layer::norm(&config, weights, "model.norm")?;
        let head = match config.tie_word_embeddings {
            true => None,
            false => Some(table(weights, "lm_head.weight")?),
        };
        Ok(Self {
            rope: Rope::new(config.head_dim, config.rope_theta, config.rope_scaling),
            attention: Attention {
                heads: config.heads,
                kv_heads: config.kv_heads,
                head_dim: config.head_dim,
                causal: true,
                window: None,
            },
            embed,
            layers,
            norm,
            head,
            config,
        })
    }

    /// Bytes of all weights.
    pub fn bytes(&self) -> usize {
        let layers: usize = self.layers.iter().map(Layer::bytes).sum();
        layers + self.embed.bytes() + self.head.as_ref().map_or(0, Linear::bytes)
    }

    fn head(&self) -> &Linear {
        self.head.as_ref().unwrap_or(&self.embed)
    }

    /// `[tokens, hidden]`
    fn embedded(&self, tokens: &[u32]) -> Buffer {
        let width = self.config.hidden_size;
        let mut x = Buffer::scratch(tokens.len() * width);
        for (token, row) in tokens.iter().zip(x.chunks_exact_mut(width)) {
            self.embed.row(*token as usize, row);
        }
        x
    }

    /// Before the last norm, `[tokens, hidden]`, and what a backward pass needs if it is `kept`.
    fn hidden(&self, batch: &Batch, kept: bool) -> (Buffer, Vec<LayerSaved>) {
        let angles = self
            .rope
            .angles(batch.sequences.iter().flat_map(|s| 0..s.len()));
        let mut x = self.embedded(&batch.tokens);
        let mut saved = Vec::new();
        for layer in &self.layers {
            let attend = |q: &[f32], k: Buffer, v: Buffer| {
                let (out, sums) = self.attention.forward((q, &k, &v), &batch.sequences);
                (out, sums, k, v)
            };
            let (y, layer_saved) = layer.forward(x, &angles, attend);
            x = y;
            if kept {
                saved.push(layer_saved);
            }
        }
        (x, saved)
    }

    /// Scores of every next token at every place, `[tokens, vocab]`.
    pub fn logits(&self, batch: &Batch) -> Buffer {
        let (x, _) = self.hidden(batch, false);
        let (normal, _) = self.norm.forward(&x);
        self.head().forward(&normal).0
    }

    /// How well each counted token is foretold, in their order.
    pub fn evaluate(&self, batch: &Batch) -> Vec<RowLoss> {
        let (x, _) = self.hidden(batch, false);
        let (rows, targets) = self.counted_rows(batch, &x);
        let (normal, _) = self.norm.forward(&rows);
        hanok_nn::evaluate(&normal, self.head(), &targets)
    }

    /// The same, and adds the gradient of `weight · Σ loss` to those of the trained weights.
    pub fn backward(&mut self, batch: &Batch, weight: f32) -> Vec<RowLoss> {
        let (x, mut saved) = self.hidden(batch, true);
        let (rows, targets) = self.counted_rows(batch, &x);
        let (normal, norm_saved) = self.norm.forward(&rows);
        let head = self.head.as_mut().unwrap_or(&mut self.embed);
        let (losses, d_normal) = hanok_nn::cross_entropy(&normal, head, &targets, weight);
        let mut d_rows = Buffer::zeros(rows.len());
        self.norm
            .backward(&rows, &norm_saved, &d_normal, &mut d_rows);
        let mut dx = self.spread_rows(batch, &d_rows);
        let angles = self
            .rope
            .angles(batch.sequences.iter().flat_map(|s| 0..s.len()));
        let trains_embedding = self.embed.is_trained();
        for (index, layer) in self.layers.iter_mut().enumerate().rev() {
            let Some(saved) = saved.pop() else { break };
            let input_matters = index > 0 || trains_embedding || layer.is_trained();
            let context = (&self.attention, batch.sequences.as_slice(), &angles);
            dx = layer.backward(saved, dx, context, input_matters);
        }
        self.embed.scatter(&batch.tokens, &dx);
        losses
    }

    fn counted_rows(&self, batch: &Batch, x: &[f32]) -> (Buffer, Vec<u32>) {
        let width = self.config.hidden_size;
        let mut rows = Buffer::scratch(batch.counted() * width);
        let counted = x.chunks_exact(width).zip(&batch.targets);
        let counted = counted.filter_map(|(row, target)| Some((row, (*target)?)));
        let mut targets = Vec::new();
        for ((row, target), out) in counted.zip(rows.chunks_exact_mut(width)) {
            out.copy_from_slice(row);
            targets.push(target);
        }
        (rows, targets)
    }

    fn spread_rows(&self, batch: &Batch, rows: &[f32]) -> Buffer {
        let width = self.config.hidden_size;
        let mut all = Buffer::zeros(batch.tokens.len() * width);
        let mut rows = rows.chunks_exact(width);
        for (out, target) in all.chunks_exact_mut(width).zip(&batch.targets) {
            if target.is_some()
                && let Some(row) = rows.next()
            {
                out.copy_from_slice(row);
            }
        }
        all
    }

    /// Trains every weight from now on, or none.
    pub fn set_trained(&mut self, trained: bool) {
        self.embed.set_trained(trained);
        self.layers
            .iter_mut()
            .for_each(|layer| layer.set_trained(trained));
        self.norm.weight.set_trained(trained);
        if let Some(head) = &mut self.head {
            head.set_trained(trained);
        }
    }

    /// The trained weights by the names of their files.
    pub fn trained(&mut self) -> Named<'_> {
        let mut list = Vec::new();
        self.embed.list("model.embed_tokens", &mut list);
        for (index, layer) in self.layers.iter_mut().enumerate() {
            layer.list(&format!("model.layers.{index}"), &mut list);
        }
        self.norm
            .weight
            .list("model.norm.weight".to_owned(), &mut list);
        if let Some(head) = &mut self.head {
            head.list("lm_head", &mut list);
        }
        list
    }
}
