//! Encoders, heads and classifiers: what a text becomes, and how weights are loaded, checked and saved.
//!
//! Owns the formats of a model's files. Knows nothing of training, of data sets or of the product.

mod bert;
mod classifier;
mod decoder;
mod encoder;
mod encoder_model;
mod error;
mod head;
pub mod hf;
mod language_model;
mod lora;
mod starter_decoder;
mod template;
mod tokenizer;

pub use bert::{Bert, Texts, no_classifier};
pub use classifier::Classifier;
pub use decoder::{Batch, Decoder, KvCache};
pub use encoder::{Encoder, EncoderConfig, Features, LabelNames, NgramConfig};
pub use encoder_model::EncoderModel;
pub use error::ModelError;
pub use head::{Head, HeadParts};
pub use language_model::LanguageModel;
pub use lora::{LoraConfig, LoraWeights};
pub use starter_decoder::{STARTER_DECODER, starter_decoder};
pub use template::{
    ChatError, ChatMessage, ChatTemplate, RowError, TokenNames, TrainingRow, check_conversation,
};
pub use tokenizer::{Encoded, TextStream, TokenizeError, Tokenizer};
