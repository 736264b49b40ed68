//! Normalisation of rows: RMSNorm (Zhang and Sennrich, 2019) and LayerNorm (Ba et al., 2016).

use rayon::prelude::*;

use crate::buffer::Buffer;
use crate::math::{dot, sum, wide};
use crate::param::Param;

/// Rows that one task takes at a time.
const ROWS: usize = 16;

/// `y = x / sqrt(mean(x²) + eps) · weight`
#[derive(Clone)]
pub struct RmsNorm {
    /// `[features]`
    pub weight: Param,
    /// Keeps rows of zeros finite.
    pub eps: f32,
}

/// `1 / sqrt(mean(x²) + eps)` of each row.
pub struct RmsNormSaved(Buffer);

impl RmsNorm {
    /// `x [rows, features]` → the same shape.
    pub fn forward(&self, x: &[f32]) -> (Buffer, RmsNormSaved) {
        let n = self.weight.value.len();
        let mut inverse = Buffer::scratch(x.len() / n);
        inverse
            .par_iter_mut()
            .zip(x.par_chunks_exact(n))
            .with_min_len(ROWS)
            .for_each(|(inverse, x)| {
                let squares = wide(|| dot(x, x));
                *inverse = 1.0 / (squares / n as f32 + self.eps).sqrt();
            });
        let saved = RmsNormSaved(inverse);
        (self.output(x, &saved), saved)
    }

    /// The output once more, so that it need not be kept.
    pub fn output(&self, x: &[f32], saved: &RmsNormSaved) -> Buffer {
        let n = self.weight.value.len();
        let mut y = Buffer::scratch(x.len());
        let rows = y.par_chunks_exact_mut(n).zip(x.par_chunks_exact(n));
        rows.zip(saved.0.par_iter())
            .with_min_len(ROWS)
            .for_each(|((y, x), inverse)| {
                wide(|| {
                    for ((y, x), w) in y.iter_mut().zip(x).zip(&self.weight.value) {
                        *y = x * inverse * w;
                    }
                });
            });
        y
    }

    /// Adds the gradient of `x` to `dx`, and that of the weight to its own.
    pub fn backward(&mut self, x: &[f32], saved: &RmsNormSaved, dy: &[f32], dx: &mut [f32]) {
        let n = self.weight.value.len();
        if let Some(grad) = &mut self.weight.grad {
            let product = |row: usize, left: usize, out: &mut [f32]| {
                let (x, dy) = (&x[row * n + left..], &dy[row * n + left..]);
                for ((out, x), dy) in out.iter_mut().zip(x).zip(dy) {
                    *out = (x * saved.0[row]).mul_add(*dy, *out);
                }
            };
            columns(grad, saved.0.len(), product);
        }
        let weight = &self.weight.value;
        let rows = dx.par_chunks_exact_mut(n).zip(x.par_chunks_exact(n));
        let rows = rows.zip(dy.par_chunks_exact(n)).zip(saved.0.par_iter());
        rows.with_min_len(ROWS)
            .for_each(|(((dx, x), dy), &inverse)| {
                let mut product = Buffer::scratch(n);
                wide(|| {
                    for ((product, dy), w) in product.iter_mut().zip(dy).zip(weight) {
                        *product = dy * w;
                    }
                });
                let share = wide(|| dot(&product, x)) * inverse * inverse / n as f32;
                wide(|| {
                    for ((dx, product), x) in dx.iter_mut().zip(product.iter()).zip(x) {
                        *dx += inverse * (product - x * share);
                    }
                });
            });
    }
}

/// Adds `product(row, left, strip)` over all rows to strips of `grad`, in row order.
fn columns(grad: &mut [f32], rows: usize, product: impl Fn(usize, usize, &mut [f32]) + Sync) {
    const STRIP: usize = 128;
    grad.par_chunks_mut(STRIP)
        .enumerate()
        .for_each(|(strip, out)| {
            wide(|| (0..rows).for_each(|row| product(row, strip * STRIP, out)));
        });
}

/// `y = (x - mean) / sqrt(variance + eps) · weight + bias`
#[derive(Clone)]
pub struct LayerNorm {
    /// `[features]`
    pub weight: Param,
    /// `[features]`
    pub bias: Param,
    /// Keeps constant rows finite.
    pub eps: f32,
}

/// Mean and `1 / sqrt(variance + eps)` of each row.
pub struct LayerNormSaved(Vec<(f32, f32)>);

impl LayerNorm {
    /// `x [rows, features]` → the same shape.
    pub fn forward(&self, x: &[f32]) -> (Buffer, LayerNormSaved) {
        let n = self.weight.value.len();
        let mut y = Buffer::scratch(x.len());
        let rows = y.par_chunks_exact_mut(n).zip(x.par_chunks_exact(n));
        let saved = rows.with_min_len(ROWS).map(|(y, x)| {
            let mean = wide(|| sum(x)) / n as f32;
            wide(|| y.iter_mut().zip(x).for_each(|(y, x)| *y = x - mean));
            let inverse = 1.0 / (wide(|| dot(y, y)) / n as f32 + self.eps).sqrt();
            let (weight, bias) = (&self.weight.value[..n], &self.bias.value[..n]);
            wide(|| {
                for i in 0..n.min(y.len()) {
                    y[i] = (y[i] * inverse).mul_add(weight[i], bias[i]);
                }
            });
            (mean, inverse)
        });
        let saved = LayerNormSaved(saved.collect());
        (y, saved)
    }

    /// Adds the gradient of `x` to `dx`, and those of weight and bias to their own.
    pub fn backward(&mut self, x: &[f32], saved: &LayerNormSaved, dy: &[f32], dx: &mut [f32]) {
        let n = self.weight.value.len();
        let rows = saved.0.len();
        if let Some(grad) = &mut self.weight.grad {
            columns(grad, rows, |row, left, out| {
                let (mean, inverse) = saved.0[row];
                let (x, dy) = (&x[row * n + left..], &dy[row * n + left..]);
                for ((out, x), dy) in out.iter_mut().zip(x).zip(dy) {
                    *out = ((x - mean) * inverse).mul_add(*dy, *out);
                }
            });
        }
        if let Some(grad) = &mut self.bias.grad {
            crate::dense::add_rows(grad, dy);
        }
        let weight = &self.weight.value;
        let pairs = dx.par_chunks_exact_mut(n).zip(x.par_chunks_exact(n));
        let pairs = pairs.zip(dy.par_chunks_exact(n)).zip(saved.0.par_iter());
        pairs
            .with_min_len(ROWS)
            .for_each(|(((dx, x), dy), &(mean, inverse))| {
                let mut product = Buffer::scratch(n);
                let mut normal = Buffer::scratch(n);
                wide(|| {
                    for i in 0..n {
                        product[i] = dy[i] * weight[i];
                        normal[i] = (x[i] - mean) * inverse;
                    }
                });
                let first = wide(|| sum(&product)) / n as f32;
                let second = wide(|| dot(&product, &normal)) / n as f32;
                wide(|| {
                    for i in 0..n {
                        dx[i] += inverse * (product[i] - first - normal[i] * second);
                    }
                });
            });
    }
}
