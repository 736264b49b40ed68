//! The one error type of this crate: which file is wrong, and why.

/// Why a model could not be loaded, saved or put together.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// A file was read but its content is not what this version understands.
    #[error("{file}: {reason}")]
    Invalid {
        /// The name of the file or part, such as `config.json`.
        file: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A file could not be read.
    #[error("{file}: {source}")]
    Io {
        /// The path that was tried.
        file: String,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// A head belongs to another encoder than the one it was put on.
    #[error("the head was trained on encoder {expected}, this one is {found}")]
    EncoderMismatch {
        /// The fingerprint stored in the head.
        expected: String,
        /// The fingerprint of the encoder at hand.
        found: String,
    },
}

impl ModelError {
    pub(crate) fn invalid(file: &str, reason: impl Into<String>) -> Self {
        Self::Invalid {
            file: file.to_owned(),
            reason: reason.into(),
        }
    }
}
