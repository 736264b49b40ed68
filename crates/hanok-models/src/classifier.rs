//! An encoder and a head that belong together.

use std::sync::Arc;

use crate::{Encoder, Head, ModelError};

/// What a `text,label` run makes: from a text to a score per label.
#[derive(Debug, Clone)]
pub struct Classifier {
    encoder: Arc<Encoder>,
    head: Head,
}

impl Classifier {
    /// Puts a head on the encoder it was trained on; any other encoder is refused.
    pub fn new(encoder: Arc<Encoder>, head: Head) -> Result<Self, ModelError> {
        let parts = head.parts();
        let config = encoder.config();
        let same_sizes = parts.dim == config.dim && parts.hash_buckets == config.hash_buckets;
        if parts.encoder != encoder.fingerprint() || !same_sizes {
            return Err(ModelError::EncoderMismatch {
                expected: parts.encoder.clone(),
                found: encoder.fingerprint().to_owned(),
            });
        }
        Ok(Self { encoder, head })
    }

    /// The encoder.
    pub fn encoder(&self) -> &Encoder {
        &self.encoder
    }

    /// The head.
    pub fn head(&self) -> &Head {
        &self.head
    }

    /// Names of the classes, in the order of the probabilities.
    pub fn labels(&self) -> &[String] {
        self.head.labels()
    }

    /// One probability per label.
    pub fn probabilities(&self, text: &str) -> Vec<f32> {
        self.head.probabilities(&self.encoder.features(text))
    }
}
