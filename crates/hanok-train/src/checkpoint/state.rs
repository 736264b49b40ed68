//! What a checkpoint says beside the numbers of the model.

use serde::{Deserialize, Serialize};

/// How far a training is. The order of rows follows from seed and epoch, so that a place in it is all
/// there is to say of the data and of random numbers.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Progress {
    /// Optimiser steps.
    pub step: usize,
    /// From 1; 0 before the first.
    pub epoch: usize,
    /// Steps of the epoch.
    pub taken: usize,
    /// Rows read in all epochs.
    pub examples: usize,
    /// Tokens read in all epochs.
    pub tokens: usize,
    /// Sum of losses over the epoch.
    #[serde(with = "bits")]
    pub loss: f64,
    /// What the sum is over.
    pub counted: usize,
    /// Step and validation loss of the best epoch so far.
    pub best: Option<Best>,
}

/// The best epoch so far.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) struct Best {
    /// Steps at its end.
    pub step: usize,
    /// Validation loss.
    #[serde(with = "bits")]
    pub loss: f64,
}

impl Progress {
    /// A new epoch begins.
    pub fn begin(&mut self, epoch: usize) {
        self.epoch = epoch;
        self.taken = 0;
        self.loss = 0.0;
        self.counted = 0;
    }

    /// The epoch's end was judged; is it the best?
    pub fn judge(&mut self, validation_loss: Option<f32>) {
        let Some(loss) = validation_loss.map(f64::from) else {
            return;
        };
        if self.best.is_none_or(|best| loss < best.loss) {
            let step = self.step;
            self.best = Some(Best { step, loss });
        }
    }

    /// Mean loss over the epoch so far.
    pub fn mean(&self) -> f32 {
        (self.loss / self.counted.max(1) as f64) as f32
    }
}

/// Numbers by their bits: text would round them.
mod bits {
    use serde::{Deserialize, Deserializer, Serializer};

    pub fn serialize<S: Serializer>(value: &f64, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u64(value.to_bits())
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
        u64::deserialize(deserializer).map(f64::from_bits)
    }
}
