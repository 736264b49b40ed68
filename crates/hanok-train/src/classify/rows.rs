//! Labelled texts as the model reads them, in batches of bounded size.

use hanok_models::{EncoderModel, Texts};
use hanok_nn::RowLoss;

use super::LabelledText;
use super::config::ClassifyConfig;
use crate::TrainError;

/// A text as the model reads it.
pub(super) struct Row {
    pub tokens: Vec<u32>,
    pub class: u32,
}

/// Mean loss, and the share that was right.
pub(super) fn mean(losses: &[RowLoss]) -> (f32, f32) {
    let count = losses.len().max(1) as f64;
    let loss: f64 = losses.iter().map(|row| f64::from(row.loss)).sum();
    let correct = losses.iter().filter(|row| row.correct).count();
    ((loss / count) as f32, (correct as f64 / count) as f32)
}

/// The texts as tokens, and how many of them were cut.
pub(super) fn encode(
    model: &EncoderModel,
    rows: &[LabelledText],
    config: &ClassifyConfig,
) -> Result<(Vec<Row>, usize), TrainError> {
    let reads = model.bert.config.max_seq_length;
    let most = config.max_length.unwrap_or(reads).min(reads);
    let mut truncated = 0;
    let encoded = rows.iter().enumerate().map(|(index, (text, class))| {
        let encoded = model.tokenizer.encode_to(text, most);
        let encoded = encoded
            .map_err(|error| TrainError::invalid("text", format!("row {}: {error}", index + 1)))?;
        truncated += usize::from(encoded.truncated);
        Ok(Row {
            tokens: encoded.ids,
            class: *class as u32,
        })
    });
    let encoded = encoded.collect::<Result<Vec<_>, TrainError>>()?;
    Ok((encoded, truncated))
}

/// Rows in batches of at most so many tokens, or of one row, with their classes.
pub(super) fn batches<'r>(
    rows: impl Iterator<Item = &'r Row>,
    most: usize,
) -> Vec<(Texts, Vec<u32>)> {
    let mut all: Vec<(Texts, Vec<u32>)> = Vec::new();
    for row in rows {
        let fits = |texts: &Texts| texts.tokens.len() + row.tokens.len() <= most;
        if !all.last().is_some_and(|(texts, _)| fits(texts)) {
            all.push(Default::default());
        }
        if let Some((texts, classes)) = all.last_mut() {
            texts.push(&row.tokens);
            classes.push(row.class);
        }
    }
    all
}
