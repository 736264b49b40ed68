//! Encoders, heads and classifiers: what a text becomes, and how weights are loaded, checked and saved.
//!
//! Owns the formats of a model's files. Knows nothing of training, of data sets or of the product.

mod classifier;
mod encoder;
mod error;
mod head;
pub mod hf;

pub use classifier::Classifier;
pub use encoder::{Encoder, EncoderConfig, Features, LabelNames, NgramConfig};
pub use error::ModelError;
pub use head::{Head, HeadParts};
