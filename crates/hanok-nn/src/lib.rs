//! Numeric operations of neural networks with their gradients, in f32 on the CPU.
//!
//! Owns kernels, layouts and the memory of activations. Each operation is a function with an explicit
//! backward function beside it: see ADR 0004. Knows nothing of models, files or the product.
//!
//! Shapes: activations are `[rows, features]`, row-major, where rows are the tokens of all sequences of
//! a batch one after the other, without padding.

pub mod activation;
mod adamw;
mod attention;
mod buffer;
mod dense;
mod gemm;
mod linear;
mod loss;
mod math;
mod norm;
mod param;
mod rope;
mod share;

pub use adamw::{AdamW, Moments, squared_norm};
pub use attention::{Attention, Keys};
pub use buffer::{Buffer, release_idle};
pub use dense::{add, scale};
pub use gemm::{Mat, Packed, Rhs, Store, gemm};
pub use linear::{Linear, LinearSaved, Lora};
pub use loss::{RowLoss, cross_entropy, evaluate, softmax_rows};
pub use norm::{LayerNorm, LayerNormSaved, RmsNorm, RmsNormSaved};
pub use param::{Named, Param};
pub use rope::{Angles, Rope, RopeScaling};
