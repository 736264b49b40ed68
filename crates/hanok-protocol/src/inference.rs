//! What the gateway asks of a hosting worker. Each request names the model whole, so that a
//! restarted or evicting worker loads it again by itself.

use hanok_domain::fault::Fault;
use serde::{Deserialize, Serialize};

use crate::job::ProjectAccess;
use crate::model::ModelRef;

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
    /// Classes, in the order of scores; empty for a model that has none.
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

/// `POST /v1/embed`: vectors of texts.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Embed {
    /// Whose objects.
    pub project: ProjectAccess,
    /// Which model.
    pub model: ModelRef,
    /// Texts, each for itself.
    pub texts: Vec<String>,
}

/// Answer to [`Embed`].
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Embedded {
    /// One for each text.
    pub vectors: Vec<Vec<f32>>,
    /// Tokens read.
    pub tokens: u64,
    /// Texts that were longer than the model takes and were cut.
    pub truncated: Vec<bool>,
}

/// One turn of a conversation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Turn {
    /// `system`, `user`, `assistant` …
    pub role: String,
    /// Its text.
    pub content: String,
}

/// What a generation begins with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Prompt {
    /// A conversation, put together as the model wants it.
    Chat(Vec<Turn>),
    /// Text that is continued as it stands.
    Text(String),
}

/// How to generate; what is not given is the engine's default.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Sampling {
    /// The most tokens to generate.
    pub max_tokens: Option<u64>,
    /// 0 takes the likeliest token each time.
    pub temperature: Option<f32>,
    /// Share of the probability that is kept.
    pub top_p: Option<f32>,
    /// How many of the likeliest tokens are kept.
    pub top_k: Option<u64>,
    /// Seed of chance.
    pub seed: Option<u64>,
    /// Texts that end the answer.
    pub stop: Vec<String>,
    /// Weight against tokens by how often they were generated.
    pub frequency_penalty: Option<f32>,
    /// Weight against tokens that were generated.
    pub presence_penalty: Option<f32>,
}

/// `POST /v1/generate`: text; answers a stream of [`Piece`]s, a line of JSON each. Whoever hangs up
/// cancels the generation.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Generate {
    /// Whose objects.
    pub project: ProjectAccess,
    /// Which model.
    pub model: ModelRef,
    /// What to begin with.
    pub prompt: Prompt,
    /// How.
    pub sampling: Sampling,
}

/// One line of the answer to [`Generate`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Piece {
    /// The prompt was read; it has so many tokens.
    Begun(u64),
    /// Some more text.
    Text(String),
    /// The end.
    Done(Generated),
    /// It could not be done, or not to its end.
    Error(Fault),
}

/// How a generation ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Generated {
    /// `stop` or `length`.
    pub finish_reason: String,
    /// Tokens read.
    pub prompt_tokens: u64,
    /// Tokens written.
    pub completion_tokens: u64,
}
