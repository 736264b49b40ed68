//! How well a model foretells the answers of conversations it was not trained on.

use hanok_models::{Batch, ChatMessage, LanguageModel};

use super::config::SftConfig;
use super::rows::{self, Row};
use crate::{MOST_TOKENS, TrainError};

/// One conversation's answers under a model.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ConversationLoss {
    /// Among the rows given, from 0.
    pub row: usize,
    /// Σ -log p of the answers' tokens, nats.
    pub loss: f64,
    /// Tokens of the answers.
    pub tokens: usize,
    /// Those that were the likeliest.
    pub correct: usize,
}

/// Judges each conversation that the model can read; the others are left out. `go_on` is asked between
/// batches and told how many were judged.
///
/// # Errors
/// [`TrainError::Stopped`] if `go_on` says no.
pub fn evaluate(
    model: &LanguageModel,
    conversations: &[Vec<ChatMessage>],
    go_on: &mut dyn FnMut(usize) -> bool,
) -> Result<Vec<ConversationLoss>, TrainError> {
    let (rows, skipped) = rows::prepare(model, conversations, &SftConfig::default())?;
    let used = (0..conversations.len()).filter(|index| skipped.iter().all(|s| s.row != *index));
    let mut found = Vec::new();
    for (row, tokens) in used.zip(&rows) {
        if !go_on(found.len()) {
            return Err(TrainError::Stopped { step: 0 });
        }
        let (loss, tokens, correct) = of_rows(model, std::slice::from_ref(tokens), MOST_TOKENS);
        found.push(ConversationLoss {
            row,
            loss,
            tokens,
            correct,
        });
    }
    Ok(found)
}

/// Summed loss, counted tokens and correct ones.
pub(super) fn of_rows(model: &LanguageModel, rows: &[Row], most: usize) -> (f64, usize, usize) {
    let mut sum = (0.0, 0, 0);
    let mut batch = Batch::default();
    for (index, row) in rows.iter().enumerate() {
        batch.push(&row.tokens, &row.counts);
        let next = rows.get(index + 1).map_or(0, |row| row.tokens.len());
        if index + 1 == rows.len() || batch.tokens.len() + next > most {
            for row in model.decoder.evaluate(&batch) {
                sum.0 += f64::from(row.loss);
                sum.1 += 1;
                sum.2 += usize::from(row.correct);
            }
            batch = Batch::default();
        }
    }
    sum
}
