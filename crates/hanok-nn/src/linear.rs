//! A linear layer with an optional bias and an optional low-rank adapter.
//!
//! LoRA: Hu et al., "LoRA: Low-Rank Adaptation of Large Language Models" (2021).

use crate::buffer::Buffer;
use crate::dense::{add_rows, scale};
use crate::gemm::{Mat, Packed, Rhs, Store, gemm};
use crate::param::{Named, Param};

/// How the weight is held.
#[derive(Clone)]
enum Weight {
    /// Never changes: packed once for both directions.
    Frozen(Packed),
    /// Changes at every step: packed on the fly.
    Trained(Param),
}

/// `y = x·Wᵀ + b + s·(x·Aᵀ)·Bᵀ`, with W `[outputs, inputs]`.
#[derive(Clone)]
pub struct Linear {
    weight: Weight,
    /// `[outputs]`
    pub bias: Option<Param>,
    /// The adapter.
    pub lora: Option<Lora>,
    outputs: usize,
    inputs: usize,
}

/// The low-rank part of a [`Linear`].
#[derive(Clone)]
pub struct Lora {
    /// `[rank, inputs]`
    pub a: Param,
    /// `[outputs, rank]`
    pub b: Param,
    /// What the product is multiplied by: alpha / rank.
    pub scale: f32,
    /// Inner dimension.
    pub rank: usize,
}

/// What a backward pass needs of the forward pass, beside its input.
pub struct LinearSaved {
    /// `s·x·Aᵀ [rows, rank]`
    low: Option<Buffer>,
}

impl Linear {
    /// A frozen layer of a row-major weight `[outputs, inputs]`.
    pub fn new(weight: &[f32], outputs: usize, inputs: usize, bias: Option<Vec<f32>>) -> Self {
        Self {
            weight: Weight::Frozen(Packed::new(weight, outputs, inputs)),
            bias: bias.map(Param::new),
            lora: None,
            outputs,
            inputs,
        }
    }

    /// Features of an output row.
    pub fn outputs(&self) -> usize {
        self.outputs
    }

    /// Features of an input row.
    pub fn inputs(&self) -> usize {
        self.inputs
    }

    /// Makes weight and bias trained, or frozen.
    pub fn set_trained(&mut self, trained: bool) {
        self.weight = match (&self.weight, trained) {
            (Weight::Frozen(packed), true) => {
                let mut param = Param::new(packed.unpack());
                param.set_trained(true);
                Weight::Trained(param)
            }
            (Weight::Trained(param), false) => {
                Weight::Frozen(Packed::new(&param.value, self.outputs, self.inputs))
            }
            _ => return,
        };
        if let Some(bias) = &mut self.bias {
            bias.set_trained(trained);
        }
    }

    /// The weight as in its file, `[outputs, inputs]`.
    pub fn weight(&self) -> Vec<f32> {
        match &self.weight {
            Weight::Frozen(packed) => packed.unpack(),
            Weight::Trained(param) => param.value.clone(),
        }
    }

    /// Lists what is trained: `name.weight`, `name.bias`, `name.lora_A.weight`, `name.lora_B.weight`.
    pub fn list<'a>(&'a mut self, name: &str, list: &mut Named<'a>) {
        if let Weight::Trained(weight) = &mut self.weight {
            weight.list(format!("{name}.weight"), list);
        }
        if let Some(bias) = &mut self.bias {
            bias.list(format!("{name}.bias"), list);
        }
        if let Some(lora) = &mut self.lora {
            lora.a.list(format!("{name}.lora_A.weight"), list);
            lora.b.list(format!("{name}.lora_B.weight"), list);
        }
    }

    /// Adds `dy [tokens, inputs]` to the gradient of the rows `tokens`, as for an embedding.
    pub fn scatter(&mut self, tokens: &[u32], dy: &[f32]) {
        if let Weight::Trained(weight) = &mut self.weight {
            weight.scatter(tokens.iter().copied(), dy);
        }
    }

    /// Whether the weight itself is trained.
    pub fn is_trained(&self) -> bool {
        matches!(self.weight, Weight::Trained(_))
    }

    /// Row `row` of W, as for an embedding.
    pub fn row(&self, row: usize, out: &mut [f32]) {
        match &self.weight {
            Weight::Frozen(packed) => packed.row(row, out),
            Weight::Trained(param) => {
                out.copy_from_slice(&param.value[row * self.inputs..][..self.inputs]);
            }
        }
    }

    /// Bytes of the weights held.
    pub fn bytes(&self) -> usize {
        let weight = match &self.weight {
            Weight::Frozen(packed) => packed.bytes(),
            Weight::Trained(param) => 2 * size_of_val(param.value.as_slice()),
        };
        let lora = self.lora.iter().map(|l| l.a.value.len() + l.b.value.len());
        let bias = self.bias.iter().map(|bias| bias.value.len());
        weight + lora.chain(bias).sum::<usize>() * size_of::<f32>()
    }

    fn forth(&self) -> Rhs<'_> {
        match &self.weight {
            Weight::Frozen(packed) => Rhs::Transposed(packed),
            Weight::Trained(param) => {
                Rhs::View(Mat::new(&param.value, self.outputs, self.inputs).t())
            }
        }
    }

    fn back(&self) -> Rhs<'_> {
        match &self.weight {
            Weight::Frozen(packed) => Rhs::Straight(packed),
            Weight::Trained(param) => Rhs::View(Mat::new(&param.value, self.outputs, self.inputs)),
        }
    }

    /// `x [rows, inputs]` → `y [rows, outputs]`.
    pub fn forward(&self, x: &[f32]) -> (Buffer, LinearSaved) {
        let rows = x.len() / self.inputs;
        let x = Mat::new(x, rows, self.inputs);
        let mut y = Buffer::scratch(rows * self.outputs);
        match &self.bias {
            None => gemm(&mut y, x, self.forth(), Store::Replace),
            Some(bias) => {
                for row in y.chunks_exact_mut(self.outputs) {
                    row.copy_from_slice(&bias.value);
                }
                gemm(&mut y, x, self.forth(), Store::Add);
            }
        }
        let low = self.lora.as_ref().map(|lora| lora.forward(x, &mut y));
        (y, LinearSaved { low })
    }

    /// From `dy [rows, outputs]`: adds to the gradients of what is trained and, if wanted, puts the
    /// gradient of `x` into `dx` or adds it.
    pub fn backward(
        &mut self,
        x: &[f32],
        saved: &LinearSaved,
        dy: &[f32],
        dx: Option<(&mut [f32], Store)>,
    ) {
        let rows = x.len() / self.inputs;
        let dy_view = Mat::new(dy, rows, self.outputs);
        let x = Mat::new(x, rows, self.inputs);
        let mut dx = dx;
        if let Some((dx, into)) = &mut dx {
            gemm(dx, dy_view, self.back(), *into);
        }
        if let (Some(lora), Some(low)) = (&mut self.lora, &saved.low) {
            lora.backward(x, low, dy_view, dx.map(|(dx, _)| dx));
        }
        if let Weight::Trained(Param {
            grad: Some(grad), ..
        }) = &mut self.weight
        {
            gemm(grad, dy_view.t(), Rhs::View(x), Store::Add);
        }
        if let Some(Param {
            grad: Some(grad), ..
        }) = &mut self.bias
        {
            add_rows(grad, dy);
        }
    }
}

impl Lora {
    fn forward(&self, x: Mat<'_>, y: &mut [f32]) -> Buffer {
        let outputs = self.b.value.len() / self.rank;
        let a = Mat::new(&self.a.value, self.rank, x.cols);
        let mut low = Buffer::scratch(x.rows * self.rank);
        gemm(&mut low, x, Rhs::View(a.t()), Store::Replace);
        scale(&mut low, self.scale);
        let b = Mat::new(&self.b.value, outputs, self.rank);
        let view = Mat::new(&low, x.rows, self.rank);
        gemm(y, view, Rhs::View(b.t()), Store::Add);
        low
    }

    fn backward(&mut self, x: Mat<'_>, low: &[f32], dy: Mat<'_>, dx: Option<&mut [f32]>) {
        let b = Mat::new(&self.b.value, dy.cols, self.rank);
        let mut d_low = Buffer::scratch(x.rows * self.rank);
        gemm(&mut d_low, dy, Rhs::View(b), Store::Replace);
        scale(&mut d_low, self.scale);
        let d_low = Mat::new(&d_low, x.rows, self.rank);
        if let Some(dx) = dx {
            let a = Mat::new(&self.a.value, self.rank, x.cols);
            gemm(dx, d_low, Rhs::View(a), Store::Add);
        }
        if let Some(grad) = &mut self.b.grad {
            let low = Mat::new(low, x.rows, self.rank);
            gemm(grad, dy.t(), Rhs::View(low), Store::Add);
        }
        if let Some(grad) = &mut self.a.grad {
            gemm(grad, d_low.t(), Rhs::View(x), Store::Add);
        }
    }
}
