//! Settings of a head's training, and what they become for a given number of rows.

use serde::{Deserialize, Serialize};

use crate::TrainError;

/// Settings; the defaults suit short texts from a hundred rows to a hundred thousand.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct HeadConfig {
    /// Decides the order of rows and which are set aside; the same seed gives the same bits.
    pub seed: u64,
    /// Times that every training row is seen; unset: 12, fewer for many rows.
    pub epochs: Option<usize>,
    /// Rows per step.
    pub batch_size: usize,
    /// Peak learning rate; unset: chosen together with `l2`.
    pub learning_rate: Option<f32>,
    /// Share of the steps in which the learning rate rises.
    pub warmup: f32,
    /// How the learning rate falls after that.
    pub schedule: Schedule,
    /// Strength of the L2 penalty beside the summed loss (the inverse of liblinear's C); unset: the
    /// best of a few by cross-validation on the training rows.
    pub l2: Option<f32>,
    /// Share of the target spread over all labels, below 1.
    pub label_smoothing: f32,
    /// What a row of each class weighs.
    pub class_weights: ClassWeights,
    /// Share of the training rows in a fold of the cross-validation that chooses what is unset and
    /// watches for overfitting, at most half; 0 for no cross-validation.
    pub validation: f32,
    /// Norm of the dense features beside the sparse ones', which have 1.
    pub dense_weight: f32,
}

impl Default for HeadConfig {
    fn default() -> Self {
        Self {
            seed: 0,
            epochs: None,
            batch_size: 16,
            learning_rate: None,
            warmup: 0.05,
            schedule: Schedule::Linear,
            l2: None,
            label_smoothing: 0.0,
            class_weights: ClassWeights::Equal,
            validation: 0.2,
            dense_weight: 0.7,
        }
    }
}

/// How the learning rate falls after its peak.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Schedule {
    /// It stays.
    Constant,
    /// In a straight line to zero.
    Linear,
    /// Along half a cosine to zero (Loshchilov & Hutter, 2017).
    Cosine,
}

/// What a row of each class weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClassWeights {
    /// The same for all: best accuracy.
    Equal,
    /// In inverse proportion to the class's rows: better recall of rare classes (King & Zeng, 2001).
    Balanced,
}

impl ClassWeights {
    /// One weight per class; their mean over the rows is 1.
    pub(super) fn resolve(self, counts: &[usize]) -> Vec<f32> {
        let rows: usize = counts.iter().sum();
        let balanced = |n: &usize| rows as f32 / (counts.len() * (*n).max(1)) as f32;
        match self {
            Self::Equal => vec![1.0; counts.len()],
            Self::Balanced => counts.iter().map(balanced).collect(),
        }
    }
}

/// What a search decides, as far as the configuration leaves it open.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Choice {
    /// As in [`HeadConfig`].
    pub l2: f32,
    /// As in [`HeadConfig`].
    pub learning_rate: f32,
}

/// Settings with nothing left open: what one fit follows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Recipe {
    /// As in [`HeadConfig`].
    pub seed: u64,
    /// As in [`HeadConfig`].
    pub epochs: usize,
    /// As in [`HeadConfig`].
    pub batch_size: usize,
    /// As in [`HeadConfig`].
    pub learning_rate: f32,
    /// As in [`HeadConfig`].
    pub warmup: f32,
    /// As in [`HeadConfig`].
    pub schedule: Schedule,
    /// As in [`HeadConfig`].
    pub l2: f32,
    /// As in [`HeadConfig`].
    pub label_smoothing: f32,
    /// As in [`HeadConfig`].
    pub dense_weight: f32,
    /// Sparse features of fewer training rows than this are left out.
    pub least_rows: u32,
}

impl Recipe {
    /// Fills in what the configuration leaves open, given the number of rows.
    pub fn new(config: &HeadConfig, rows: usize, choice: Choice) -> Self {
        let epochs = match rows {
            0..=20_000 => 12,
            20_001..=60_000 => 6,
            _ => 4,
        };
        Self {
            seed: config.seed,
            epochs: config.epochs.unwrap_or(epochs),
            batch_size: config.batch_size,
            learning_rate: config.learning_rate.unwrap_or(choice.learning_rate),
            warmup: config.warmup,
            schedule: config.schedule,
            l2: config.l2.unwrap_or(choice.l2),
            label_smoothing: config.label_smoothing,
            dense_weight: config.dense_weight,
            least_rows: if rows > 2_000 { 2 } else { 1 },
        }
    }

    /// The learning rate of the step after `step` others, of `total`.
    pub(super) fn learning_rate_at(&self, step: usize, total: usize) -> f32 {
        let warm = (self.warmup * total as f32).round() as usize;
        if step < warm {
            return self.learning_rate * (step + 1) as f32 / warm as f32;
        }
        let way = (step - warm) as f32 / (total - warm).max(1) as f32;
        let factor = match self.schedule {
            Schedule::Constant => 1.0,
            Schedule::Linear => 1.0 - way,
            Schedule::Cosine => 0.5 * (1.0 + (std::f32::consts::PI * way).cos()),
        };
        self.learning_rate * factor
    }
}

/// Refuses settings that make no sense, naming what is allowed.
pub(super) fn check(config: &HeadConfig) -> Result<(), TrainError> {
    let positive = |v: f32| v.is_finite() && v > 0.0;
    let share = |v: f32, below: f32| (0.0..below).contains(&v);
    let epochs = config.epochs.is_none_or(|n| (1..=1_000).contains(&n));
    let l2 = config.l2.is_none_or(|v| v.is_finite() && v >= 0.0);
    let smoothing = share(config.label_smoothing, 1.0);
    let rules = [
        (epochs, "epochs", "is not in 1..=1000"),
        (
            (1..=4096).contains(&config.batch_size),
            "batch_size",
            "is not in 1..=4096",
        ),
        (
            config.learning_rate.is_none_or(positive),
            "learning_rate",
            "is not above 0",
        ),
        (share(config.warmup, 1.0), "warmup", "is not in 0..1"),
        (l2, "l2", "is negative or not a number"),
        (smoothing, "label_smoothing", "is not in 0..1"),
        (
            share(config.validation, 0.5001),
            "validation",
            "is not in 0..=0.5",
        ),
        (
            config.dense_weight.is_finite() && config.dense_weight >= 0.0,
            "dense_weight",
            "is negative or not a number",
        ),
    ];
    match rules.iter().find(|(holds, _, _)| !holds) {
        Some((_, field, reason)) => Err(TrainError::invalid(field, *reason)),
        None => Ok(()),
    }
}
