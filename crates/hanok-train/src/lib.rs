//! Training loops and evaluation metrics.
//!
//! Owns how weights are found and how answers are judged. Writes no database, knows nothing of the
//! product: a model and examples come in, events and a model go out.

pub mod baseline;
mod checkpoint;
pub mod classify;
mod error;
mod event;
pub mod head;
pub mod metrics;
mod optimizer;
mod out;
mod rules;
mod schedule;
pub mod sft;

pub use checkpoint::Checkpoints;
pub use error::TrainError;
pub use event::{Flow, TrainEvent};
pub use out::{MOST_TOKENS, Out};
