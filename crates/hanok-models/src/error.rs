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
    /// A file that a model needs is not in its directory.
    #[error("{file} is missing; {needed}")]
    Missing {
        /// The name of the file.
        file: String,
        /// Which files a model's directory holds.
        needed: String,
    },
    /// Weights in a format that can run code when it is read; the file was not read.
    #[error("{file} is a Python pickle, which can run code when it is read; {remedy}")]
    UnsafeFormat {
        /// The name of the file.
        file: String,
        /// How to make a file that can be read.
        remedy: String,
    },
    /// A sound file of a kind that this version does not run.
    #[error("{file}: {found} is not supported; {supported}")]
    Unsupported {
        /// The name of the file.
        file: String,
        /// What the file asks for.
        found: String,
        /// What could be used instead.
        supported: String,
    },
    /// A tensor of another shape than the config gives it.
    #[error("{file}: tensor {tensor} has the shape {found:?}, by the config it is {expected:?}")]
    Shape {
        /// The name of the file.
        file: String,
        /// The name of the tensor.
        tensor: String,
        /// The shape in the file.
        found: Vec<usize>,
        /// The shape that follows from the config.
        expected: Vec<usize>,
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
    /// A short name that does not change between versions.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Invalid { .. } | Self::Shape { .. } => "invalid_model",
            Self::Io { .. } => "unreadable_file",
            Self::Missing { .. } => "missing_file",
            Self::UnsafeFormat { .. } => "unsafe_format",
            Self::Unsupported { .. } => "unsupported_model",
            Self::EncoderMismatch { .. } => "encoder_mismatch",
        }
    }

    pub(crate) fn invalid(file: &str, reason: impl Into<String>) -> Self {
        Self::Invalid {
            file: file.to_owned(),
            reason: reason.into(),
        }
    }

    pub(crate) fn io(file: &str, source: std::io::Error) -> Self {
        Self::Io {
            file: file.to_owned(),
            source,
        }
    }

    pub(crate) fn unsupported(file: &str, found: impl Into<String>, supported: &str) -> Self {
        Self::Unsupported {
            file: file.to_owned(),
            found: found.into(),
            supported: supported.to_owned(),
        }
    }
}
