//! Settings of a supervised fine-tuning, and what they become for a given model.

use hanok_models::LoraConfig;
use serde::{Deserialize, Serialize};

use crate::TrainError;
use crate::rules::{count, positive, require, share};

/// What is trained.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// Low-rank adapters beside frozen weights.
    Lora,
    /// Every weight.
    Full,
}

/// Which tokens are to be foretold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TrainOn {
    /// Those of the assistant's turns.
    Assistant,
    /// All.
    All,
}

/// What happens to a conversation that is longer than `max_length`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Overlong {
    /// It is left out and counted.
    Skip,
    /// Its end is cut off.
    Truncate,
    /// The run is refused.
    Refuse,
}

/// Settings; the defaults suit a small chat data set.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SftConfig {
    /// What is trained.
    pub method: Method,
    /// Times that every row is seen.
    pub epochs: usize,
    /// Ends the run after so many steps, whatever the epochs.
    pub max_steps: Option<usize>,
    /// Conversations of a batch.
    pub batch_size: usize,
    /// Batches of a step.
    pub gradient_accumulation: usize,
    /// Peak learning rate; unset: by method and the model's width.
    pub learning_rate: Option<f32>,
    /// Multiplies the learning rate that is chosen when none is set.
    pub learning_rate_multiplier: f32,
    /// Share of the steps in which the learning rate rises.
    pub warmup_ratio: f32,
    /// Share of a weight that is taken away at every step, times the learning rate.
    pub weight_decay: f32,
    /// Gradients are shortened to this norm.
    pub max_grad_norm: f32,
    /// Most tokens of a conversation; unset: the model's context.
    pub max_length: Option<usize>,
    /// What happens to longer ones.
    pub overlong: Overlong,
    /// Which tokens count.
    pub train_on: TrainOn,
    /// The adapter, for `lora`.
    pub lora: LoraConfig,
    /// Decides the order of rows and fresh weights; the same seed gives the same bits.
    pub seed: u64,
}

impl Default for SftConfig {
    fn default() -> Self {
        Self {
            method: Method::Lora,
            epochs: 3,
            max_steps: None,
            batch_size: 8,
            gradient_accumulation: 1,
            learning_rate: None,
            learning_rate_multiplier: 1.0,
            warmup_ratio: 0.03,
            weight_decay: 0.0,
            max_grad_norm: 1.0,
            max_length: None,
            overlong: Overlong::Skip,
            train_on: TrainOn::Assistant,
            lora: LoraConfig::default(),
            seed: 0,
        }
    }
}

impl SftConfig {
    /// Refuses settings that make no sense, by the field's name.
    pub fn check(&self) -> Result<(), TrainError> {
        count("epochs", self.epochs, 1000)?;
        require("max_steps", self.max_steps != Some(0), "must be at least 1")?;
        count("batch_size", self.batch_size, 4096)?;
        count("gradient_accumulation", self.gradient_accumulation, 4096)?;
        positive("learning_rate_multiplier", self.learning_rate_multiplier)?;
        let rate = self.learning_rate.unwrap_or(1e-3);
        let fits = rate > 0.0 && rate <= 1.0;
        require("learning_rate", fits, "must be above 0 and at most 1")?;
        share("warmup_ratio", self.warmup_ratio)?;
        share("weight_decay", self.weight_decay)?;
        positive("max_grad_norm", self.max_grad_norm)?;
        let least = 2;
        let fits = self.max_length.is_none_or(|most| most >= least);
        require("max_length", fits, &format!("must be at least {least}"))?;
        self.lora.check().map_err(TrainError::model)
    }

    /// The peak learning rate for a model whose vectors have `width` numbers. Wider models need smaller
    /// steps, and adapters larger ones than whole weights: Schulman et al., "LoRA Without Regret" (2025).
    pub fn peak_rate(&self, width: usize) -> f32 {
        self.learning_rate.unwrap_or_else(|| {
            let narrow = (4096.0 / width.max(1) as f32).powf(0.75).max(1.0);
            let at_4096 = match self.method {
                Method::Lora => 2e-4,
                Method::Full => 2e-5,
            };
            at_4096 * narrow * self.learning_rate_multiplier
        })
    }
}
