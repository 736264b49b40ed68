//! Activation functions and their gradients, elementwise and in parallel.

use rayon::prelude::*;

use crate::buffer::Buffer;
use crate::dense::CHUNK;
use crate::math::{erf, exp, sigmoid, tanh, wide};

/// `silu(gate) · up`, the gate of Shazeer's SwiGLU (2020).
pub fn swiglu(gate: &[f32], up: &[f32]) -> Buffer {
    let mut y = Buffer::scratch(gate.len());
    let chunks = y.par_chunks_mut(CHUNK);
    let inputs = gate.par_chunks(CHUNK).zip(up.par_chunks(CHUNK));
    chunks.zip(inputs).for_each(|(y, (gate, up))| {
        wide(|| {
            for ((y, g), u) in y.iter_mut().zip(gate).zip(up) {
                *y = g * sigmoid(*g) * u;
            }
        });
    });
    y
}

/// Gradients of [`swiglu`]: `dy` becomes that of `gate`, the result is that of `up`.
pub fn swiglu_backward(gate: &[f32], up: &[f32], dy: &mut [f32]) -> Buffer {
    let mut d_up = Buffer::scratch(gate.len());
    let chunks = dy.par_chunks_mut(CHUNK).zip(d_up.par_chunks_mut(CHUNK));
    let inputs = gate.par_chunks(CHUNK).zip(up.par_chunks(CHUNK));
    chunks.zip(inputs).for_each(|((dy, d_up), (gate, up))| {
        wide(|| {
            for (((dy, d_up), g), u) in dy.iter_mut().zip(d_up).zip(gate).zip(up) {
                let s = sigmoid(*g);
                *d_up = *dy * g * s;
                *dy *= u * s * g.mul_add(1.0 - s, 1.0);
            }
        });
    });
    d_up
}

/// A function of one number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Activation {
    /// `x · Φ(x)`, exact: Hendrycks and Gimpel, "GELU" (2016).
    Gelu,
    /// The same by hyperbolic tangent.
    GeluTanh,
    /// `max(x, 0)`
    Relu,
    /// Hyperbolic tangent.
    Tanh,
}

impl Activation {
    /// `f(x)`.
    pub fn forward(self, x: &[f32]) -> Buffer {
        let mut y = Buffer::copy_of(x);
        match self {
            Self::Gelu => each(&mut y, |x| 0.5 * x * (1.0 + erf(x * FRAC_1_SQRT_2))),
            Self::GeluTanh => each(&mut y, |x| 0.5 * x * (1.0 + tanh(inner(x)))),
            Self::Relu => each(&mut y, |x| x.max(0.0)),
            Self::Tanh => each(&mut y, tanh),
        }
        y
    }

    /// `dy` becomes `dy · f'(x)`.
    pub fn backward(self, x: &[f32], dy: &mut [f32]) {
        match self {
            Self::Gelu => both(dy, x, |x| {
                let density = 0.398_942_3 * exp(-0.5 * x * x);
                0.5f32.mul_add(1.0 + erf(x * FRAC_1_SQRT_2), x * density)
            }),
            Self::GeluTanh => both(dy, x, |x| {
                let t = tanh(inner(x));
                let slope = SQRT_2_OVER_PI * (3.0 * 0.044_715 * x).mul_add(x, 1.0);
                0.5 * (1.0 + t) + 0.5 * x * (1.0 - t * t) * slope
            }),
            Self::Relu => both(dy, x, |x| if x > 0.0 { 1.0 } else { 0.0 }),
            Self::Tanh => both(dy, x, |x| {
                let t = tanh(x);
                1.0 - t * t
            }),
        }
    }
}

use std::f32::consts::FRAC_1_SQRT_2;
const SQRT_2_OVER_PI: f32 = 0.797_884_6;

#[inline(always)]
fn inner(x: f32) -> f32 {
    SQRT_2_OVER_PI * (0.044_715 * x * x).mul_add(x, x)
}

fn each(y: &mut [f32], f: impl Fn(f32) -> f32 + Sync) {
    y.par_chunks_mut(CHUNK).for_each(|y| {
        wide(|| y.iter_mut().for_each(|y| *y = f(*y)));
    });
}

fn both(dy: &mut [f32], x: &[f32], slope: impl Fn(f32) -> f32 + Sync) {
    let chunks = dy.par_chunks_mut(CHUNK).zip(x.par_chunks(CHUNK));
    chunks.for_each(|(dy, x)| {
        wide(|| dy.iter_mut().zip(x).for_each(|(dy, x)| *dy *= slope(*x)));
    });
}
