//! Training and metrics through the crate's public face, on the starter encoder.

mod baseline;
mod checkpoints;
mod classify;
mod data;
mod errors;
mod head;
mod metrics;
mod quality;
mod resume;
mod sft;
