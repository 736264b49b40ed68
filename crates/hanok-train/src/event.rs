//! What a training says while it runs, and what its observer answers.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// One thing that happened in a training. Times are the observer's business: none is stored here, so
/// that the same run gives the same events.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum TrainEvent {
    /// One choice of settings was cross-validated on the training rows, before the fit.
    Trial {
        /// From 1.
        trial: usize,
        /// Number of candidates.
        trials: usize,
        /// The penalty that was tried.
        l2: f32,
        /// The peak learning rate that was tried.
        learning_rate: f32,
        /// Its mean loss on rows that it was not trained on.
        validation_loss: f32,
        /// Its accuracy on them.
        validation_accuracy: f32,
    },
    /// One optimiser step was taken.
    Step {
        /// From 1.
        step: usize,
        /// Of the whole fit.
        total_steps: usize,
        /// From 1.
        epoch: usize,
        /// Mean loss of the batch, before the step.
        loss: f32,
        /// Learning rate of the step.
        learning_rate: f32,
        /// Examples seen so far in this fit.
        examples: usize,
        /// Tokens read so far, where a model reads tokens.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        tokens: Option<usize>,
        /// Share of the batch's targets that were the likeliest, where that is known.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        accuracy: Option<f32>,
        /// Norm of the gradient before it was shortened, where that is done.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        gradient_norm: Option<f32>,
    },
    /// Texts were read through frozen layers, once for all epochs.
    Read {
        /// Texts so far.
        rows: usize,
        /// All.
        of: usize,
    },
    /// A row cannot be used and is left out.
    Skipped {
        /// From 0, among the training rows.
        row: usize,
        /// Why.
        reason: String,
    },
    /// The training goes on from a checkpoint, or would have if one could be used.
    Resumed {
        /// Steps that need not be taken again.
        step: usize,
        /// Checkpoints that could not be used, and why.
        broken: Vec<String>,
    },
    /// Everything that is needed to go on from here was written down.
    Saved {
        /// Steps so far.
        step: usize,
    },
    /// The model as it is now was written down.
    Checkpoint {
        /// Steps so far.
        step: usize,
        /// From 1.
        epoch: usize,
        /// A model's directory that lives until the observer returns.
        dir: PathBuf,
        /// Mean loss over the epoch.
        train_loss: f32,
        /// Loss on unseen rows, if there are any.
        validation_loss: Option<f32>,
    },
    /// All training rows were seen once more.
    Epoch {
        /// From 1.
        epoch: usize,
        /// Of the whole fit.
        epochs: usize,
        /// Steps so far.
        step: usize,
        /// Mean loss over the epoch's batches.
        train_loss: f32,
        /// Loss on unseen rows after as many epochs, by cross-validation; unset without one.
        validation_loss: Option<f32>,
        /// Accuracy on unseen rows, likewise.
        validation_accuracy: Option<f32>,
    },
}

/// The observer's answer to an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flow {
    /// Go on.
    Continue,
    /// End as soon as possible; the training returns [`crate::TrainError::Stopped`].
    Stop,
}
