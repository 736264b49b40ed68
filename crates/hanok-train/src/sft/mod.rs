//! Supervised fine-tuning of a decoder on conversations: full or by low-rank adapters.
//!
//! Owns the loop batch → loss → gradients → clip → step → event, and how well a model foretells rows.
//! Writes model directories; knows nothing of data sets, runs or the product.

mod config;
mod evaluate;
mod rows;
mod save;
mod trainer;

use std::path::Path;

use hanok_models::{ChatMessage, LanguageModel};

use crate::checkpoint::Keeper;
use crate::{Flow, Out, TrainError, TrainEvent};

pub use config::{Method, Overlong, SftConfig, TrainOn};
pub use evaluate::{ConversationLoss, evaluate};
pub use rows::Skipped;

/// What a run came to.
#[derive(Debug, Clone, PartialEq)]
pub struct SftReport {
    /// Optimiser steps.
    pub steps: usize,
    /// Tokens read in all epochs.
    pub tokens: usize,
    /// Rows trained on.
    pub rows: usize,
    /// Rows left out, and why.
    pub skipped: Vec<Skipped>,
    /// Mean loss of the last epoch, nats per counted token.
    pub train_loss: f32,
    /// Of the validation rows after the last step.
    pub validation_loss: Option<f32>,
    /// The peak learning rate in use.
    pub learning_rate: f32,
    /// Numbers that were trained.
    pub trained_parameters: usize,
}

/// Fine-tunes the model in directory `base`; the result becomes directory `out`: of the layout of PEFT
/// for `lora`, a whole model for `full`. At the end of each epoch but the last the same is told of as
/// [`TrainEvent::Checkpoint`], whose directory lives until the observer returns. With
/// [`Out::checkpoints`] the training goes on where an earlier attempt was, to the same bits; an observer
/// that stops it leaves a checkpoint of where it was.
///
/// # Errors
/// A model that cannot be loaded or saved, settings that make no sense, no row that can be used, a loss
/// that is no number, an observer that stops.
pub fn train<'o>(
    base: &Path,
    conversations: &[Vec<ChatMessage>],
    validation: &[Vec<ChatMessage>],
    config: &SftConfig,
    out: impl Into<Out<'o>>,
    observe: &mut dyn FnMut(&TrainEvent) -> Flow,
) -> Result<SftReport, TrainError> {
    config.check()?;
    let out = out.into();
    let model = LanguageModel::load(base, None).map_err(TrainError::model)?;
    let (rows, skipped) = rows::prepare(&model, conversations, config)?;
    if rows.is_empty() {
        let reason = skipped
            .first()
            .map_or("there are none", |row| row.reason.as_str());
        return Err(TrainError::NoRows {
            rows: conversations.len(),
            reason: reason.to_owned(),
        });
    }
    for row in &skipped {
        let event = TrainEvent::Skipped {
            row: row.row,
            reason: row.reason.clone(),
        };
        if observe(&event) == Flow::Stop {
            return Err(TrainError::Stopped { step: 0 });
        }
    }
    let (validation, _) = rows::prepare(&model, validation, config)?;
    let tokens = rows.iter().map(|row| row.tokens.as_slice());
    let mut keeper = Keeper::new(out.checkpoints, config, tokens)?;
    let saver = save::Saver {
        base,
        out: out.model,
        config,
    };
    let mut trainer = trainer::Trainer::new(model, config, rows, validation, out.most_tokens)?;
    trainer.restore(&mut keeper, observe)?;
    let mut report = trainer.run(&saver, &mut keeper, observe)?;
    report.skipped = skipped;
    Ok(report)
}
