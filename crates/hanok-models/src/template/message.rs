//! Turns of a conversation, and the rules that a conversation to learn from keeps.

use serde::{Deserialize, Serialize};

/// One turn of a conversation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChatMessage {
    /// `system`, `user` or `assistant`.
    pub role: String,
    /// What was said.
    pub content: String,
}

impl ChatMessage {
    /// A turn of this role.
    pub fn new(role: impl Into<String>, content: impl Into<String>) -> Self {
        Self {
            role: role.into(),
            content: content.into(),
        }
    }
}

/// Why a conversation cannot be learnt from.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RowError {
    /// There is no turn.
    #[error("the conversation has no turns")]
    Empty,
    /// A turn says nothing.
    #[error("turn {turn} ({role}) is empty")]
    EmptyContent {
        /// The number of the turn, from 1.
        turn: usize,
        /// Its role.
        role: String,
    },
    /// A role that no template knows.
    #[error("turn {turn} has the role {role:?}; system, user and assistant are known")]
    UnknownRole {
        /// The number of the turn, from 1.
        turn: usize,
        /// Its role.
        role: String,
    },
    /// A system turn that is not the first.
    #[error("turn {turn} is a system turn; only the first may be one")]
    LateSystem {
        /// The number of the turn, from 1.
        turn: usize,
    },
    /// An answer without a question.
    #[error("the first turn is an assistant's; there must be a user's before it")]
    AssistantFirst,
    /// Nothing to learn.
    #[error("no turn is an assistant's, so there is nothing to learn")]
    NoAssistant,
    /// The template writes earlier turns otherwise when a later one follows.
    #[error("the chat template does not write turn {turn} as it would be asked for")]
    NotAPrefix {
        /// The number of the assistant's turn, from 1.
        turn: usize,
    },
    /// The template refuses the conversation.
    #[error("the chat template refuses it: {0}")]
    Template(String),
    /// The text cannot be tokenised.
    #[error("{0}")]
    Tokenize(String),
}

impl RowError {
    /// A short name that does not change between versions.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Empty => "empty_conversation",
            Self::EmptyContent { .. } => "empty_content",
            Self::UnknownRole { .. } => "unknown_role",
            Self::LateSystem { .. } => "late_system",
            Self::AssistantFirst => "assistant_first",
            Self::NoAssistant => "no_assistant",
            Self::NotAPrefix { .. } => "not_a_prefix",
            Self::Template(_) => "template_error",
            Self::Tokenize(_) => "tokenizer_error",
        }
    }
}

/// Checks what does not depend on a template.
pub fn check_conversation(messages: &[ChatMessage]) -> Result<(), RowError> {
    if messages.is_empty() {
        return Err(RowError::Empty);
    }
    for (i, message) in messages.iter().enumerate() {
        let (turn, role) = (i + 1, message.role.clone());
        if !["system", "user", "assistant"].contains(&role.as_str()) {
            return Err(RowError::UnknownRole { turn, role });
        }
        if message.content.trim().is_empty() {
            return Err(RowError::EmptyContent { turn, role });
        }
        if role == "system" && turn > 1 {
            return Err(RowError::LateSystem { turn });
        }
    }
    let first = messages.iter().find(|message| message.role != "system");
    if first.is_some_and(|message| message.role == "assistant") {
        return Err(RowError::AssistantFirst);
    }
    if !messages.iter().any(|message| message.role == "assistant") {
        return Err(RowError::NoAssistant);
    }
    Ok(())
}
