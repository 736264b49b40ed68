//! What is asked of a text generator, and what it answers.

use hanok_models::ChatMessage;
use serde::{Deserialize, Serialize};

/// What a generation begins with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Prompt {
    /// Turns of a conversation, put together by the model's chat template.
    Chat(Vec<ChatMessage>),
    /// Text that is continued as it stands.
    Text(String),
}

/// One generation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GenerateRequest {
    /// What to begin with.
    pub prompt: Prompt,
    /// The most tokens to generate; unset, as many as the context has room for.
    pub max_tokens: Option<usize>,
    /// 0 takes the likeliest token each time; from 0 to 2.
    pub temperature: f32,
    /// Only the likeliest tokens that hold this share of the probability; above 0, at most 1.
    pub top_p: f32,
    /// Only so many of the likeliest tokens; unset, all.
    pub top_k: Option<usize>,
    /// Two requests with the same seed and settings get the same answer; unset, chance.
    pub seed: Option<u64>,
    /// Texts that end the answer and are not part of it; at most 4.
    pub stop: Vec<String>,
    /// Taken from a token's logit for every time it was generated; from -2 to 2.
    pub frequency_penalty: f32,
    /// Taken from a token's logit if it was generated; from -2 to 2.
    pub presence_penalty: f32,
}

impl Default for GenerateRequest {
    fn default() -> Self {
        Self {
            prompt: Prompt::Text(String::new()),
            max_tokens: None,
            temperature: 1.0,
            top_p: 1.0,
            top_k: None,
            seed: None,
            stop: Vec::new(),
            frequency_penalty: 0.0,
            presence_penalty: 0.0,
        }
    }
}

impl GenerateRequest {
    /// Refuses settings that make no sense, by the field's name.
    pub(crate) fn check(&self) -> Result<(), GenerateError> {
        let signed = |x: f32| (-2.0..=2.0).contains(&x);
        let stops = self.stop.len() <= 4 && self.stop.iter().all(|stop| !stop.is_empty());
        let rules = [
            (
                "temperature",
                (0.0..=2.0).contains(&self.temperature),
                "must be between 0 and 2",
            ),
            (
                "top_p",
                self.top_p > 0.0 && self.top_p <= 1.0,
                "must be above 0 and at most 1",
            ),
            ("top_k", self.top_k != Some(0), "must be at least 1"),
            (
                "max_tokens",
                self.max_tokens != Some(0),
                "must be at least 1",
            ),
            ("stop", stops, "must be at most 4 texts, none of them empty"),
            (
                "frequency_penalty",
                signed(self.frequency_penalty),
                "must be between -2 and 2",
            ),
            (
                "presence_penalty",
                signed(self.presence_penalty),
                "must be between -2 and 2",
            ),
        ];
        match rules.into_iter().find(|(_, holds, _)| !holds) {
            Some((field, _, reason)) => Err(GenerateError::Invalid {
                field,
                reason: reason.to_owned(),
            }),
            None => Ok(()),
        }
    }
}

/// Why a generation ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FinishReason {
    /// The model ended its answer, or a stop text was reached.
    Stop,
    /// The most tokens were generated, or the context is full.
    Length,
    /// Whoever listened went away.
    Cancelled,
}

/// A finished generation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Generated {
    /// The whole text, as it was also streamed.
    pub text: String,
    /// Why it ended.
    pub finish_reason: FinishReason,
    /// Tokens of the prompt.
    pub prompt_tokens: usize,
    /// Tokens generated, the one that ended the answer included.
    pub completion_tokens: usize,
}

/// Why nothing was generated.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum GenerateError {
    /// The prompt leaves no room for an answer.
    #[error(
        "the prompt has {tokens} tokens, the model reads at most {limit}; shorten it or leave out early turns"
    )]
    TooLong {
        /// Tokens of the prompt.
        tokens: usize,
        /// The model's context.
        limit: usize,
    },
    /// A setting that makes no sense, or turns that the chat template refuses.
    #[error("{field}: {reason}")]
    Invalid {
        /// The field of the request.
        field: &'static str,
        /// What is wrong with it, and what is allowed.
        reason: String,
    },
    /// The model gave numbers that are none; its weights are damaged.
    #[error("the model's output is not a number; its weights are damaged or were trained too hot")]
    NotFinite,
}
