//! One block: attention and a feed-forward network, a norm after each residual.

use std::ops::Range;

use hanok_nn::activation::Activation;
use hanok_nn::{
    Attention, Buffer, LayerNorm, LayerNormSaved, Linear, LinearSaved, Named, Store, add,
};

use super::layer_norm;
use crate::ModelError;
use crate::decoder::layer::linear;
use crate::hf::{BertConfig, Weights};

/// The weights of a block.
pub(super) struct Layer {
    q: Linear,
    k: Linear,
    v: Linear,
    o: Linear,
    attention_norm: LayerNorm,
    up: Linear,
    down: Linear,
    output_norm: LayerNorm,
}

/// What the backward pass of a block needs.
pub(super) struct LayerSaved {
    /// The block's input, `[tokens, hidden]`.
    x: Buffer,
    q: Buffer,
    k: Buffer,
    v: Buffer,
    /// Of the attention, before `o`; and the logarithms of its sums of scores.
    out: Buffer,
    sums: Buffer,
    /// Before and after the first norm.
    first_sum: Buffer,
    first_norm: LayerNormSaved,
    middle: Buffer,
    /// `[tokens, intermediate]`, before and after the activation.
    up: Buffer,
    active: Buffer,
    /// Before the second norm.
    second_sum: Buffer,
    second_norm: LayerNormSaved,
    /// Of q, k, v, o, up, down.
    linears: [LinearSaved; 6],
}

/// What a block shares with the others of its model.
type Context<'a> = (&'a Attention, &'a [Range<usize>], Activation);

pub(super) fn list_norm<'a>(norm: &'a mut LayerNorm, name: &str, list: &mut Named<'a>) {
    norm.weight.list(format!("{name}.weight"), list);
    norm.bias.list(format!("{name}.bias"), list);
}

impl Layer {
    pub(super) fn load(
        config: &BertConfig,
        weights: &mut Weights,
        index: usize,
    ) -> Result<Self, ModelError> {
        let (hidden, inner) = (config.hidden_size, config.intermediate_size);
        let at = format!("encoder.layer.{index}");
        let mut take = |name: &str, outputs: usize, inputs: usize| {
            linear(weights, &format!("{at}.{name}"), (outputs, inputs), true)
        };
        let q = take("attention.self.query", hidden, hidden)?;
        let k = take("attention.self.key", hidden, hidden)?;
        let v = take("attention.self.value", hidden, hidden)?;
        let o = take("attention.output.dense", hidden, hidden)?;
        let up = take("intermediate.dense", inner, hidden)?;
        let down = take("output.dense", hidden, inner)?;
        let attention_norm = format!("{at}.attention.output.LayerNorm");
        Ok(Self {
            attention_norm: layer_norm(config, weights, &attention_norm)?,
            output_norm: layer_norm(config, weights, &format!("{at}.output.LayerNorm"))?,
            q,
            k,
            v,
            o,
            up,
            down,
        })
    }

    /// The linear layers by the ends of their names.
    pub(super) fn linears(&self) -> [(&'static str, &Linear); 6] {
        [
            ("attention.self.query", &self.q),
            ("attention.self.key", &self.k),
            ("attention.self.value", &self.v),
            ("attention.output.dense", &self.o),
            ("intermediate.dense", &self.up),
            ("output.dense", &self.down),
        ]
    }

    /// The same, to be changed.
    pub(super) fn linears_mut(&mut self) -> [(&'static str, &mut Linear); 6] {
        [
            ("attention.self.query", &mut self.q),
            ("attention.self.key", &mut self.k),
            ("attention.self.value", &mut self.v),
            ("attention.output.dense", &mut self.o),
            ("intermediate.dense", &mut self.up),
            ("output.dense", &mut self.down),
        ]
    }

    /// The norms by the ends of their names.
    pub(super) fn norms(&self) -> [(&'static str, &LayerNorm); 2] {
        [
            ("attention.output.LayerNorm", &self.attention_norm),
            ("output.LayerNorm", &self.output_norm),
        ]
    }

    pub(super) fn bytes(&self) -> usize {
        self.linears()
            .iter()
            .map(|(_, linear)| linear.bytes())
            .sum()
    }

    pub(super) fn is_trained(&self) -> bool {
        let adapted = self
            .linears()
            .iter()
            .any(|(_, linear)| linear.lora.is_some());
        adapted || self.output_norm.weight.grad.is_some()
    }

    pub(super) fn set_trained(&mut self, trained: bool) {
        for norm in [&mut self.attention_norm, &mut self.output_norm] {
            norm.weight.set_trained(trained);
            norm.bias.set_trained(trained);
        }
        for (_, linear) in self.linears_mut() {
            linear.set_trained(trained);
        }
    }

    pub(super) fn list<'a>(&'a mut self, at: &str, list: &mut Named<'a>) {
        let norm = format!("{at}.attention.output.LayerNorm");
        list_norm(&mut self.attention_norm, &norm, list);
        list_norm(
            &mut self.output_norm,
            &format!("{at}.output.LayerNorm"),
            list,
        );
        let linears = [
            ("attention.self.query", &mut self.q),
            ("attention.self.key", &mut self.k),
            ("attention.self.value", &mut self.v),
            ("attention.output.dense", &mut self.o),
            ("intermediate.dense", &mut self.up),
            ("output.dense", &mut self.down),
        ];
        for (name, linear) in linears {
            linear.list(&format!("{at}.{name}"), list);
        }
    }

    /// `x [tokens, hidden]` → the same shape.
    pub(super) fn forward(&self, x: Buffer, context: Context<'_>) -> (Buffer, LayerSaved) {
        let (attention, sequences, activation) = context;
        let (q, q_saved) = self.q.forward(&x);
        let (k, k_saved) = self.k.forward(&x);
        let (v, v_saved) = self.v.forward(&x);
        let (out, sums) = attention.forward((&q, &k, &v), sequences);
        let (mut first_sum, o_saved) = self.o.forward(&out);
        add(&mut first_sum, &x);
        let (middle, first_norm) = self.attention_norm.forward(&first_sum);

        let (up, up_saved) = self.up.forward(&middle);
        let active = activation.forward(&up);
        let (mut second_sum, down_saved) = self.down.forward(&active);
        add(&mut second_sum, &middle);
        let (y, second_norm) = self.output_norm.forward(&second_sum);
        let saved = LayerSaved {
            x,
            q,
            k,
            v,
            out,
            sums,
            first_sum,
            first_norm,
            middle,
            up,
            active,
            second_sum,
            second_norm,
            linears: [q_saved, k_saved, v_saved, o_saved, up_saved, down_saved],
        };
        (y, saved)
    }

    /// From the gradient of the output to that of the input.
    pub(super) fn backward(
        &mut self,
        saved: LayerSaved,
        dy: Buffer,
        (attention, sequences, activation): Context<'_>,
    ) -> Buffer {
        let [q_saved, k_saved, v_saved, o_saved, up_saved, down_saved] = &saved.linears;
        let mut d_middle = Buffer::zeros(dy.len());
        self.output_norm
            .backward(&saved.second_sum, &saved.second_norm, &dy, &mut d_middle);
        drop(dy);
        let mut d_up = Buffer::scratch(saved.up.len());
        let into = Some((&mut *d_up, Store::Replace));
        self.down
            .backward(&saved.active, down_saved, &d_middle, into);
        activation.backward(&saved.up, &mut d_up);
        let into = Some((&mut *d_middle, Store::Add));
        self.up.backward(&saved.middle, up_saved, &d_up, into);
        drop(d_up);

        let mut dx = Buffer::zeros(saved.x.len());
        self.attention_norm
            .backward(&saved.first_sum, &saved.first_norm, &d_middle, &mut dx);
        let mut d_out = d_middle;
        self.o
            .backward(&saved.out, o_saved, &dx, Some((&mut d_out, Store::Replace)));
        let qkv = (&*saved.q, &*saved.k, &*saved.v);
        let forward = (&*saved.out, &*saved.sums);
        let (dq, dk, dv) = attention.backward(qkv, sequences, forward, &d_out);
        self.q
            .backward(&saved.x, q_saved, &dq, Some((&mut dx, Store::Add)));
        self.k
            .backward(&saved.x, k_saved, &dk, Some((&mut dx, Store::Add)));
        self.v
            .backward(&saved.x, v_saved, &dv, Some((&mut dx, Store::Add)));
        dx
    }
}
