//! A conversation as training sees it: its tokens, and which of them the assistant said.

use super::{ChatError, ChatMessage, ChatTemplate, RowError, check_conversation, marked, unmark};
use crate::{TokenizeError, Tokenizer};

/// The tokens of a conversation to learn from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrainingRow {
    /// Token ids of the whole conversation.
    pub ids: Vec<u32>,
    /// Whether the assistant said this token, the one that ends its turn included; as long as `ids`.
    pub learned: Vec<bool>,
}

impl ChatTemplate {
    /// Tokens of a conversation and which of them are the assistant's: all from where the template
    /// would let it begin to the end of its turn. A conversation whose turns the template writes
    /// otherwise than it would ask for them is refused.
    pub fn encode_training(
        &self,
        tokenizer: &Tokenizer,
        messages: &[ChatMessage],
    ) -> Result<TrainingRow, RowError> {
        check_conversation(messages)?;
        let messages = marked(tokenizer, messages);
        let whole = self.render(&messages, false)?;
        let mut spans = Vec::new();
        for (i, message) in messages.iter().enumerate() {
            if message.role != "assistant" {
                continue;
            }
            let begin = self.render(&messages[..i], true)?;
            let turn = self.render(&messages[..=i], false)?;
            if !turn.starts_with(&begin) || !whole.starts_with(&turn) {
                return Err(RowError::NotAPrefix { turn: i + 1 });
            }
            let (before, _) = unmark(&begin);
            let (said, _) = unmark(&turn[begin.len()..]);
            // White space after the token that ends the turn is never asked for.
            let said = tokenizer.specials().trimmed_end(&said);
            spans.push(before.len()..before.len() + said);
        }
        let (text, cuts) = unmark(&whole);
        let pieces = tokenizer.pieces(&text, &cuts)?;
        let is_said = |start: usize, end: usize| {
            let within = |span: &std::ops::Range<usize>| start < span.end && end > span.start;
            spans.iter().any(within)
        };
        Ok(TrainingRow {
            ids: pieces.iter().map(|piece| piece.id).collect(),
            learned: pieces.iter().map(|p| is_said(p.start, p.end)).collect(),
        })
    }
}

impl From<ChatError> for RowError {
    fn from(error: ChatError) -> Self {
        match error {
            ChatError::Tokenize(error) => error.into(),
            ChatError::Refused(reason) | ChatError::TooMuch(reason) => Self::Template(reason),
        }
    }
}

impl From<TokenizeError> for RowError {
    fn from(error: TokenizeError) -> Self {
        Self::Tokenize(error.to_string())
    }
}
