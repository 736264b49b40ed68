//! Settings of an encoder's fine-tuning, and what they become for a given model.

use hanok_models::LoraConfig;
use serde::{Deserialize, Serialize};

use crate::TrainError;
use crate::rules::{count, positive, require, share};

/// What is trained.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// Pooler and classifier on frozen blocks; each text is read once.
    Head,
    /// The same and low-rank adapters on the blocks.
    Lora,
    /// Every weight.
    Full,
}

/// Settings; the defaults suit a few hundred short texts and more.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ClassifyConfig {
    /// What is trained.
    pub method: Method,
    /// Times that every row is seen.
    pub epochs: usize,
    /// Ends the run after so many steps, whatever the epochs.
    pub max_steps: Option<usize>,
    /// Texts of a step.
    pub batch_size: usize,
    /// Peak learning rate; unset: by method.
    pub learning_rate: Option<f32>,
    /// Share of the steps in which the learning rate rises.
    pub warmup_ratio: f32,
    /// Share of a weight that is taken away at every step, times the learning rate.
    pub weight_decay: f32,
    /// Gradients are shortened to this norm.
    pub max_grad_norm: f32,
    /// Most tokens of a text, special ones included; unset: what the model reads. Longer texts are cut.
    pub max_length: Option<usize>,
    /// The adapter, for `lora`.
    pub lora: LoraConfig,
    /// Decides the order of rows and fresh weights; the same seed gives the same bits.
    pub seed: u64,
}

impl Default for ClassifyConfig {
    fn default() -> Self {
        Self {
            method: Method::Head,
            epochs: 5,
            max_steps: None,
            batch_size: 16,
            learning_rate: None,
            warmup_ratio: 0.06,
            weight_decay: 0.01,
            max_grad_norm: 1.0,
            max_length: None,
            lora: LoraConfig::default(),
            seed: 0,
        }
    }
}

impl ClassifyConfig {
    /// Refuses settings that make no sense, by the field's name.
    pub fn check(&self) -> Result<(), TrainError> {
        count("epochs", self.epochs, 1000)?;
        require("max_steps", self.max_steps != Some(0), "must be at least 1")?;
        count("batch_size", self.batch_size, 4096)?;
        let rate = self.learning_rate.unwrap_or(1e-3);
        let fits = rate > 0.0 && rate <= 1.0;
        require("learning_rate", fits, "must be above 0 and at most 1")?;
        share("warmup_ratio", self.warmup_ratio)?;
        share("weight_decay", self.weight_decay)?;
        positive("max_grad_norm", self.max_grad_norm)?;
        let least = 3;
        let fits = self.max_length.is_none_or(|most| most >= least);
        require("max_length", fits, &format!("must be at least {least}"))?;
        self.lora.check().map_err(TrainError::model)
    }

    /// The peak learning rate: as in Devlin et al. (2019) for all weights, more for fewer.
    pub fn peak_rate(&self) -> f32 {
        self.learning_rate.unwrap_or(match self.method {
            Method::Head => 2e-3,
            Method::Lora => 5e-4,
            Method::Full => 5e-5,
        })
    }
}
