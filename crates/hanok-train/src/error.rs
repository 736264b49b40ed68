//! The one error type of this crate: what stops a training, and what to do about it.

/// Why a training cannot start or go on.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum TrainError {
    /// There is nothing to tell apart.
    #[error(
        "all {rows} training rows have the label {label:?}; add rows with at least one other label"
    )]
    OneClass {
        /// The only label found.
        label: String,
        /// Number of training rows.
        rows: usize,
    },
    /// Too few rows to learn anything that holds.
    #[error("{rows} training rows are too few; add rows until there are at least {needed}")]
    TooFewRows {
        /// Number of training rows.
        rows: usize,
        /// The least number.
        needed: usize,
    },
    /// A label that cannot be learnt and checked.
    #[error(
        "the label {label:?} has {rows} training row(s), at least {needed} are needed; add rows with it, or rename or remove them"
    )]
    RareLabel {
        /// The label.
        label: String,
        /// Its training rows.
        rows: usize,
        /// The least number.
        needed: usize,
    },
    /// The label column holds something else than classes.
    #[error(
        "{labels} different labels are more than {most}; check that the label column holds classes, not free text or numbers"
    )]
    TooManyLabels {
        /// Different labels.
        labels: usize,
        /// The most that are allowed.
        most: usize,
    },
    /// No row can be trained on.
    #[error("none of the {rows} training rows can be used: {reason}")]
    NoRows {
        /// Rows given.
        rows: usize,
        /// Why the first of them cannot.
        reason: String,
    },
    /// The model that is to be tuned cannot be loaded or saved, or does not suit the method.
    #[error("{message}")]
    Model {
        /// Which file, and what is wrong with it.
        message: String,
    },
    /// The weights ran away.
    #[error(
        "the loss became {loss} at step {step}; try a lower learning rate than {learning_rate}"
    )]
    NotFinite {
        /// The step at which it happened.
        step: usize,
        /// What the loss became.
        loss: f32,
        /// The peak learning rate in use.
        learning_rate: f32,
    },
    /// A setting or an input that makes no sense.
    #[error("{field}: {reason}")]
    Invalid {
        /// The setting or input.
        field: &'static str,
        /// What is wrong with it, and what is allowed.
        reason: String,
    },
    /// A checkpoint cannot be written or read.
    #[error("a checkpoint {reason}")]
    Checkpoint {
        /// What is in the way.
        reason: String,
    },
    /// There are checkpoints, but none that is whole.
    #[error("no checkpoint can be gone on from ({reason}); start the run again from the beginning")]
    NoCheckpoint {
        /// What is wrong with each.
        reason: String,
    },
    /// The observer answered [`crate::Flow::Stop`].
    #[error("the training was stopped at step {step}")]
    Stopped {
        /// Steps that were done.
        step: usize,
    },
}

impl TrainError {
    /// A stable name for programs and for the table of errors.
    pub fn code(&self) -> &'static str {
        match self {
            Self::OneClass { .. } => "one_class",
            Self::TooFewRows { .. } => "too_few_rows",
            Self::RareLabel { .. } => "rare_label",
            Self::TooManyLabels { .. } => "too_many_labels",
            Self::NoRows { .. } => "no_rows",
            Self::Model { .. } => "model_invalid",
            Self::NotFinite { .. } => "loss_not_finite",
            Self::Invalid { .. } => "invalid_setting",
            Self::Checkpoint { .. } => "checkpoint_failed",
            Self::NoCheckpoint { .. } => "checkpoints_broken",
            Self::Stopped { .. } => "stopped",
        }
    }

    pub(crate) fn model(error: hanok_models::ModelError) -> Self {
        Self::Model {
            message: error.to_string(),
        }
    }

    pub(crate) fn checkpoint(reason: impl Into<String>) -> Self {
        Self::Checkpoint {
            reason: reason.into(),
        }
    }

    pub(crate) fn invalid(field: &'static str, reason: impl Into<String>) -> Self {
        Self::Invalid {
            field,
            reason: reason.into(),
        }
    }
}
