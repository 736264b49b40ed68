//! Conversations become tokens, or are left out for a reason that is told.

use hanok_models::{ChatMessage, LanguageModel};

use super::config::{Overlong, SftConfig, TrainOn};
use crate::TrainError;

/// A conversation as the model reads it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Row {
    pub tokens: Vec<u32>,
    /// Which of them are to be foretold.
    pub counts: Vec<bool>,
}

/// A row that was left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skipped {
    /// From 0, among the rows given.
    pub row: usize,
    /// Stable, such as `too_long`.
    pub code: &'static str,
    /// In words.
    pub reason: String,
}

/// Tokens of each row that can be used, and the others.
pub(super) fn prepare(
    model: &LanguageModel,
    conversations: &[Vec<ChatMessage>],
    config: &SftConfig,
) -> Result<(Vec<Row>, Vec<Skipped>), TrainError> {
    let context = model.decoder.config.max_positions;
    let most = config.max_length.unwrap_or(context).min(context);
    let (mut rows, mut skipped) = (Vec::new(), Vec::new());
    for (index, conversation) in conversations.iter().enumerate() {
        match row(model, conversation, config, most) {
            Ok(row) => rows.push(row),
            Err((code, reason)) => {
                if code == "too_long" && config.overlong == Overlong::Refuse {
                    let reason = format!("row {}: {reason}", index + 1);
                    return Err(TrainError::invalid("max_length", reason));
                }
                skipped.push(Skipped {
                    row: index,
                    code,
                    reason,
                });
            }
        }
    }
    Ok((rows, skipped))
}

fn row(
    model: &LanguageModel,
    conversation: &[ChatMessage],
    config: &SftConfig,
    most: usize,
) -> Result<Row, (&'static str, String)> {
    let rendered = model
        .template
        .encode_training(&model.tokenizer, conversation);
    let rendered = rendered.map_err(|error| (error.code(), error.to_string()))?;
    let (mut tokens, mut counts) = (rendered.ids, rendered.learned);
    if tokens.len() > most {
        if config.overlong != Overlong::Truncate {
            let reason = format!("{} tokens are more than {most}", tokens.len());
            return Err(("too_long", reason));
        }
        tokens.truncate(most);
        counts.truncate(most);
    }
    if config.train_on == TrainOn::All {
        counts.fill(true);
    }
    if !counts.iter().skip(1).any(|counts| *counts) {
        return Err((
            "nothing_to_learn",
            "no token of an answer is left".to_owned(),
        ));
    }
    Ok(Row { tokens, counts })
}
