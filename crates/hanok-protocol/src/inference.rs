//! What the gateway asks of a hosting worker. Each request names the model whole, so that a
//! restarted or evicting worker loads it again by itself.

use serde::{Deserialize, Serialize};

use crate::job::{ModelRef, ProjectAccess};

/// `POST /v1/load`: load and keep a model; answers [`Loaded`].
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Load {
    /// Whose objects.
    pub project: ProjectAccess,
    /// Which model.
    pub model: ModelRef,
}

/// Answer to [`Load`].
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Loaded {
    /// Classes, in the order of scores.
    pub labels: Vec<String>,
    /// Memory the model takes, bytes.
    pub memory: u64,
}

/// `POST /v1/classify`: scores of texts.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Classify {
    /// Whose objects.
    pub project: ProjectAccess,
    /// Which model.
    pub model: ModelRef,
    /// Texts, scored independently.
    pub texts: Vec<String>,
}

/// Probability of each class for one text, best first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Scores {
    /// `(label, probability)`, best first.
    pub labels: Vec<(String, f32)>,
    /// Tokens read.
    pub tokens: u64,
    /// Whether the text was longer than the model takes and was cut.
    pub truncated: bool,
}

/// Answer to [`Classify`].
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Classified {
    /// One for each text.
    pub results: Vec<Scores>,
}
