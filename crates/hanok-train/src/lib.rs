//! Training loops and evaluation metrics.
//!
//! Owns how weights are found and how answers are judged. Reads no files, writes no database, knows
//! nothing of the product: examples come in, events and weights go out.

pub mod baseline;
mod error;
mod event;
pub mod head;
pub mod metrics;

pub use error::TrainError;
pub use event::{Flow, TrainEvent};
