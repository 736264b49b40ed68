//! Running models: text generation, embeddings, class scores.
//!
//! Owns sampling and how a request becomes tokens and an answer. Knows nothing of training, of HTTP or
//! of the product.

mod chat;
mod classify;
mod embed;
mod request;
mod sampler;
mod stop;

pub use chat::ChatModel;
pub use classify::{ClassifyModel, Scores};
pub use embed::{EmbedModel, Embedded};
pub use request::{FinishReason, GenerateError, GenerateRequest, Generated, Prompt};
