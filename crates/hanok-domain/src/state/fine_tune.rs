//! A fine-tuning job's states and moves, up to the run that comes of it; from then on the run's count.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// What a fine-tuning job is doing.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum FineTuneState {
    /// Its files are imported.
    Validating,
    /// It has become a run.
    Started,
    /// Its files cannot be used.
    Failed,
    /// Ended by a person before there was a run.
    Cancelled,
    /// Written by a newer version, or damaged.
    Unknown(String),
}

impl FineTuneState {
    /// As stored and as the API shows it.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Validating => "validating_files",
            Self::Started => "started",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::Unknown(text) => text,
        }
    }

    /// Never fails: what is not known stays as it is.
    pub fn parse(text: &str) -> Self {
        match text {
            "validating_files" => Self::Validating,
            "started" => Self::Started,
            "failed" => Self::Failed,
            "cancelled" => Self::Cancelled,
            other => Self::Unknown(other.to_owned()),
        }
    }

    /// Whether a job may go from here to there.
    pub fn may_become(&self, to: &Self) -> bool {
        use FineTuneState::*;
        matches!((self, to), (Validating, Started | Failed | Cancelled))
    }
}

impl fmt::Display for FineTuneState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for FineTuneState {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for FineTuneState {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|text| Self::parse(&text))
    }
}
