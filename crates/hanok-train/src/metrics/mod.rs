//! How answers are judged: one model's evaluation, and the comparison of two on the same rows.
//!
//! Counts and formulas only, in f64; every number can be recomputed from the confusion matrix or the
//! four counts of a comparison.

mod comparison;
mod evaluation;
mod interval;

pub use comparison::{Comparison, compare};
pub use evaluation::{ClassScore, Evaluation, evaluate};
pub use interval::{Interval, wilson};
