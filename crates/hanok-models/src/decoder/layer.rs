//! One block: attention and a gated feed-forward network, each behind a norm and around a residual.

use std::ops::Range;

use hanok_nn::activation::{swiglu, swiglu_backward};
use hanok_nn::{
    Angles, Attention, Buffer, Linear, LinearSaved, Named, Param, RmsNorm, RmsNormSaved, Store, add,
};

use crate::ModelError;
use crate::hf::{DecoderConfig, Weights};

/// The weights of a block.
pub(super) struct Layer {
    input_norm: RmsNorm,
    q: Linear,
    k: Linear,
    v: Linear,
    o: Linear,
    post_norm: RmsNorm,
    gate: Linear,
    up: Linear,
    down: Linear,
}

/// What the backward pass of a block needs. Norms and the gate's product are computed again instead.
pub(super) struct LayerSaved {
    /// The block's input, `[tokens, hidden]`.
    x: Buffer,
    input_norm: RmsNormSaved,
    /// Turned by position, `[tokens, heads · head_dim]`.
    q: Buffer,
    k: Buffer,
    v: Buffer,
    /// Of the attention, before `o`; and the logarithms of its sums of scores.
    out: Buffer,
    sums: Buffer,
    /// Between the two halves, `[tokens, hidden]`.
    middle: Buffer,
    post_norm: RmsNormSaved,
    /// `[tokens, intermediate]`
    gate: Buffer,
    up: Buffer,
    /// Of q, k, v, o, gate, up, down.
    linears: [LinearSaved; 7],
}

pub(super) fn norm(
    config: &DecoderConfig,
    weights: &mut Weights,
    name: &str,
) -> Result<RmsNorm, ModelError> {
    let weight = weights.take(&format!("{name}.weight"), &[config.hidden_size])?;
    Ok(RmsNorm {
        weight: Param::new(weight),
        eps: config.rms_norm_eps,
    })
}

/// Takes a linear layer out of the files.
pub(crate) fn linear(
    weights: &mut Weights,
    name: &str,
    (outputs, inputs): (usize, usize),
    bias: bool,
) -> Result<Linear, ModelError> {
    let weight = weights.take(&format!("{name}.weight"), &[outputs, inputs])?;
    let bias = match bias {
        true => Some(weights.take(&format!("{name}.bias"), &[outputs])?),
        false => None,
    };
    Ok(Linear::new(&weight, outputs, inputs, bias))
}

impl Layer {
    pub(super) fn load(
        config: &DecoderConfig,
        weights: &mut Weights,
        index: usize,
    ) -> Result<Self, ModelError> {
        let (hidden, inner) = (config.hidden_size, config.intermediate_size);
        let (query, key) = (
            config.heads * config.head_dim,
            config.kv_heads * config.head_dim,
        );
        let at = format!("model.layers.{index}");
        let (qkv_bias, o_bias, mlp_bias) = (config.qkv_bias, config.o_bias, config.mlp_bias);
        let mut take = |name: &str, outputs: usize, inputs: usize, bias: bool| {
            linear(weights, &format!("{at}.{name}"), (outputs, inputs), bias)
        };
        let q = take("self_attn.q_proj", query, hidden, qkv_bias)?;
        let k = take("self_attn.k_proj", key, hidden, qkv_bias)?;
        let v = take("self_attn.v_proj", key, hidden, qkv_bias)?;
        let o = take("self_attn.o_proj", hidden, query, o_bias)?;
        let gate = take("mlp.gate_proj", inner, hidden, mlp_bias)?;
        let up = take("mlp.up_proj", inner, hidden, mlp_bias)?;
        let down = take("mlp.down_proj", hidden, inner, mlp_bias)?;
        Ok(Self {
            input_norm: norm(config, weights, &format!("{at}.input_layernorm"))?,
            post_norm: norm(config, weights, &format!("{at}.post_attention_layernorm"))?,
            q,
            k,
            v,
            o,
            gate,
            up,
            down,
        })
    }

    /// The linear layers by the ends of their names.
    pub(super) fn linears(&self) -> [(&'static str, &Linear); 7] {
        [
            ("self_attn.q_proj", &self.q),
            ("self_attn.k_proj", &self.k),
            ("self_attn.v_proj", &self.v),
            ("self_attn.o_proj", &self.o),
            ("mlp.gate_proj", &self.gate),
            ("mlp.up_proj", &self.up),
            ("mlp.down_proj", &self.down),
        ]
    }

    /// The same, to be changed.
    pub(super) fn linears_mut(&mut self) -> [(&'static str, &mut Linear); 7] {
        [
            ("self_attn.q_proj", &mut self.q),
            ("self_attn.k_proj", &mut self.k),
            ("self_attn.v_proj", &mut self.v),
            ("self_attn.o_proj", &mut self.o),
            ("mlp.gate_proj", &mut self.gate),
            ("mlp.up_proj", &mut self.up),
            ("mlp.down_proj", &mut self.down),
        ]
    }

    /// The norms by the ends of their names.
    pub(super) fn norms(&self) -> [(&'static str, &RmsNorm); 2] {
        [
            ("input_layernorm", &self.input_norm),
            ("post_attention_layernorm", &self.post_norm),
        ]
    }

    pub(super) fn bytes(&self) -> usize {
        self.linears()
            .iter()
            .map(|(_, linear)| linear.bytes())
            .sum()
    }

    pub(super) fn is_trained(&self) -> bool {
        self.input_norm.weight.grad.is_some()
    }

    pub(super) fn set_trained(&mut self, trained: bool) {
        self.input_norm.weight.set_trained(trained);
        self.post_norm.weight.set_trained(trained);
        for (_, linear) in self.linears_mut() {
            linear.set_trained(trained);
        }
    }

    pub(super) fn list<'a>(&'a mut self, at: &str, list: &mut Named<'a>) {
        let norms = [
            ("input_layernorm", &mut self.input_norm),
            ("post_attention_layernorm", &mut self.post_norm),
        ];
        for (name, norm) in norms {
            norm.weight.list(format!("{at}.{name}.weight"), list);
        }
        let linears = [
            ("self_attn.q_proj", &mut self.q),
            ("self_attn.k_proj", &mut self.k),
            ("self_attn.v_proj", &mut self.v),
            ("self_attn.o_proj", &mut self.o),
            ("mlp.gate_proj", &mut self.gate),
            ("mlp.up_proj", &mut self.up),
            ("mlp.down_proj", &mut self.down),
        ];
        for (name, linear) in linears {
            linear.list(&format!("{at}.{name}"), list);
        }
    }

    /// `x [tokens, hidden]` → the same shape. `attend` gets turned q, k and v and gives the output, the
    /// sums of scores, and k and v back if they are kept.
    pub(super) fn forward(
        &self,
        x: Buffer,
        angles: &Angles,
        attend: impl FnOnce(&[f32], Buffer, Buffer) -> (Buffer, Buffer, Buffer, Buffer),
    ) -> (Buffer, LayerSaved) {
        let (normal, input_norm) = self.input_norm.forward(&x);
        let (mut q, q_saved) = self.q.forward(&normal);
        let (mut k, k_saved) = self.k.forward(&normal);
        let (v, v_saved) = self.v.forward(&normal);
        drop(normal);
        angles.forward(&mut q);
        angles.forward(&mut k);
        let (out, sums, k, v) = attend(&q, k, v);
        let (mut middle, o_saved) = self.o.forward(&out);
        add(&mut middle, &x);

        let (normal, post_norm) = self.post_norm.forward(&middle);
        let (gate, gate_saved) = self.gate.forward(&normal);
        let (up, up_saved) = self.up.forward(&normal);
        drop(normal);
        let (mut y, down_saved) = self.down.forward(&swiglu(&gate, &up));
        add(&mut y, &middle);
        let saved = LayerSaved {
            x,
            input_norm,
            q,
            k,
            v,
            out,
            sums,
            middle,
            post_norm,
            gate,
            up,
            linears: [
                q_saved, k_saved, v_saved, o_saved, gate_saved, up_saved, down_saved,
            ],
        };
        (y, saved)
    }

    /// From the gradient of the output to that of the input, which is nothing of use unless
    /// `input_matters`.
    pub(super) fn backward(
        &mut self,
        saved: LayerSaved,
        mut dy: Buffer,
        context: (&Attention, &[Range<usize>], &Angles),
        input_matters: bool,
    ) -> Buffer {
        self.feed_forward_backward(&saved, &mut dy);
        self.attention_backward(&saved, &mut dy, context, input_matters);
        dy
    }

    /// `dy` is the gradient of the output and becomes that of what is between the halves.
    fn feed_forward_backward(&mut self, saved: &LayerSaved, dy: &mut Buffer) {
        let [.., gate_saved, up_saved, down_saved] = &saved.linears;
        let mut d_gate = Buffer::scratch(saved.gate.len());
        let product = swiglu(&saved.gate, &saved.up);
        let into = Some((&mut *d_gate, Store::Replace));
        self.down.backward(&product, down_saved, dy, into);
        drop(product);
        let d_up = swiglu_backward(&saved.gate, &saved.up, &mut d_gate);
        let normal = self.post_norm.output(&saved.middle, &saved.post_norm);
        let mut d_normal = Buffer::scratch(normal.len());
        let into = Some((&mut *d_normal, Store::Replace));
        self.gate.backward(&normal, gate_saved, &d_gate, into);
        let into = Some((&mut *d_normal, Store::Add));
        self.up.backward(&normal, up_saved, &d_up, into);
        self.post_norm
            .backward(&saved.middle, &saved.post_norm, &d_normal, dy);
    }

    /// `dy` is the gradient of what is between the halves and becomes that of the input.
    fn attention_backward(
        &mut self,
        saved: &LayerSaved,
        dy: &mut Buffer,
        (attention, sequences, angles): (&Attention, &[Range<usize>], &Angles),
        input_matters: bool,
    ) {
        let [q_saved, k_saved, v_saved, o_saved, ..] = &saved.linears;
        let mut d_out = Buffer::scratch(saved.out.len());
        let into = Some((&mut *d_out, Store::Replace));
        self.o.backward(&saved.out, o_saved, dy, into);
        let qkv = (&*saved.q, &*saved.k, &*saved.v);
        let forward = (&*saved.out, &*saved.sums);
        let (mut dq, mut dk, dv) = attention.backward(qkv, sequences, forward, &d_out);
        angles.backward(&mut dq);
        angles.backward(&mut dk);
        let normal = self.input_norm.output(&saved.x, &saved.input_norm);
        if !input_matters {
            self.q.backward(&normal, q_saved, &dq, None);
            self.k.backward(&normal, k_saved, &dk, None);
            self.v.backward(&normal, v_saved, &dv, None);
            return;
        }
        let mut d_normal = Buffer::scratch(normal.len());
        let into = Some((&mut *d_normal, Store::Replace));
        self.q.backward(&normal, q_saved, &dq, into);
        let into = Some((&mut *d_normal, Store::Add));
        self.k.backward(&normal, k_saved, &dk, into);
        let into = Some((&mut *d_normal, Store::Add));
        self.v.backward(&normal, v_saved, &dv, into);
        self.input_norm
            .backward(&saved.x, &saved.input_norm, &d_normal, dy);
    }
}
