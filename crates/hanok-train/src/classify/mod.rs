//! Fine-tuning of a BERT-family encoder on labelled texts: its head alone, low-rank adapters, or all.
//!
//! Owns the loop and the head's features; the starter encoder's heads are [`crate::head`].

mod config;
mod rows;
mod trainer;

use std::path::Path;

use hanok_models::EncoderModel;

use crate::checkpoint::Keeper;
use crate::{Flow, Out, TrainError, TrainEvent};

pub use config::{ClassifyConfig, Method};

/// What a run came to.
#[derive(Debug, Clone, PartialEq)]
pub struct ClassifyReport {
    /// Optimiser steps.
    pub steps: usize,
    /// Rows trained on.
    pub rows: usize,
    /// Rows whose end the model does not read.
    pub truncated: usize,
    /// Mean loss of the last epoch.
    pub train_loss: f32,
    /// Of the validation rows after the last step.
    pub validation_loss: Option<f32>,
    /// Share of them that was classified right.
    pub validation_accuracy: Option<f32>,
    /// The peak learning rate in use.
    pub learning_rate: f32,
    /// Numbers that were trained.
    pub trained_parameters: usize,
}

/// A text and the index of its label.
pub type LabelledText = (String, usize);

/// Fine-tunes the encoder in directory `base` to tell `labels` apart; the result becomes directory
/// `out`: of the layout of PEFT for `lora`, else a whole model with the classes in its config. With
/// [`Out::checkpoints`] the training goes on where an earlier attempt was, to the same bits.
///
/// # Errors
/// A model that cannot be loaded or saved, settings that make no sense, fewer than two labels, a loss
/// that is no number, an observer that stops.
pub fn train<'o>(
    base: &Path,
    rows: &[LabelledText],
    validation: &[LabelledText],
    labels: &[String],
    config: &ClassifyConfig,
    out: impl Into<Out<'o>>,
    observe: &mut dyn FnMut(&TrainEvent) -> Flow,
) -> Result<ClassifyReport, TrainError> {
    config.check()?;
    let out = out.into();
    check_rows(rows.iter().chain(validation), labels)?;
    if rows.is_empty() {
        return Err(TrainError::TooFewRows { rows: 0, needed: 2 });
    }
    let mut model = EncoderModel::load(base, None).map_err(TrainError::model)?;
    model.bert.make_classifier(labels.to_vec());
    let mut trainer = trainer::Trainer::new(model, config, rows, validation, out.most_tokens)?;
    let mut keeper = Keeper::new(out.checkpoints, config, trainer.tokens())?;
    trainer.restore(&mut keeper, observe)?;
    let report = trainer.run(&mut keeper, observe)?;
    let saved = match config.method {
        Method::Lora => trainer.model.save_adapter(out.model, &config.lora),
        Method::Head | Method::Full => trainer.model.save(base, out.model),
    };
    saved.map_err(TrainError::model)?;
    Ok(report)
}

fn check_rows<'a>(
    mut rows: impl Iterator<Item = &'a LabelledText>,
    labels: &[String],
) -> Result<(), TrainError> {
    if labels.len() < 2 {
        return Err(TrainError::OneClass {
            label: labels.first().cloned().unwrap_or_default(),
            rows: rows.count(),
        });
    }
    match rows.find(|(_, label)| *label >= labels.len()) {
        Some((_, label)) => {
            let reason = format!("a row has label {label} of {}", labels.len());
            Err(TrainError::invalid("labels", reason))
        }
        None => Ok(()),
    }
}
