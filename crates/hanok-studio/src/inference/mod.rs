//! Inference: a model that answers is called, and what was served is metered: one place for every surface.

mod allowance;
mod classify;
mod embed;
mod generate;
mod meter;
mod pieces;

use std::time::Duration;

use hanok_domain::fault::Fault;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::access::Caller;
use crate::studio::Studio;

pub use classify::{Classification, Inference};
pub use embed::{Embedding, EmbeddingRequest};
pub use generate::{ChoicePiece, Generation, GenerationRequest, Totals};

/// How long a request waits for a hosting worker that restarts.
const PATIENCE: Duration = Duration::from_secs(10);
/// Longest an answer may take.
const LONGEST: Duration = Duration::from_secs(1800);
/// Texts in one request at most.
const MAX_TEXTS: usize = 2048;

/// Which surface was used; the name stands in the usage row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Route {
    /// `/v1/chat/completions`.
    Chat,
    /// `/v1/completions`.
    Completions,
    /// `/v1/classify`.
    Classify,
    /// `/v1/embeddings`.
    Embeddings,
    /// The page that tries a deployment.
    Page,
}

impl Route {
    fn as_str(self) -> &'static str {
        match self {
            Self::Chat => "/v1/chat/completions",
            Self::Completions => "/v1/completions",
            Self::Classify => "/v1/classify",
            Self::Embeddings => "/v1/embeddings",
            Self::Page => "/deployments",
        }
    }
}

impl Studio {
    /// Asks a host something of a model, and remembers what that tells of the model's files.
    async fn ask_host<M, R>(
        &self,
        caller: &Caller,
        model: &str,
        path: &str,
        message: &M,
    ) -> Result<R, Fault>
    where
        M: Serialize,
        R: DeserializeOwned,
    {
        let answered = self.hosts().call(path, message, PATIENCE).await;
        if let Err(fault) = &answered {
            self.note_damage(&caller.project_id, model, fault).await;
        }
        answered
    }
}
