//! A run's states and moves.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// What a run is doing.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum RunState {
    /// Waits for a worker.
    Queued,
    /// A worker computes.
    Running,
    /// Stopped with its checkpoint kept; can go on.
    Paused,
    /// Done.
    Succeeded,
    /// Ended by an error.
    Failed,
    /// Ended by a person.
    Cancelled,
    /// Written by a newer version, or damaged.
    Unknown(String),
}

impl RunState {
    /// As stored and as the API shows it.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Paused => "paused",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::Unknown(text) => text,
        }
    }

    /// Never fails: what is not known stays as it is.
    pub fn parse(text: &str) -> Self {
        match text {
            "queued" => Self::Queued,
            "running" => Self::Running,
            "paused" => Self::Paused,
            "succeeded" => Self::Succeeded,
            "failed" => Self::Failed,
            "cancelled" => Self::Cancelled,
            other => Self::Unknown(other.to_owned()),
        }
    }

    /// Whether a run may go from here to there.
    pub fn may_become(&self, to: &Self) -> bool {
        use RunState::*;
        matches!(
            (self, to),
            (Queued, Running | Cancelled | Failed)
                // Back to the queue when its worker is lost.
                | (Running, Queued | Paused | Succeeded | Failed | Cancelled)
                | (Paused, Queued | Cancelled | Failed)
                | (Queued, Paused)
                // Resumed by a person, from its last checkpoint.
                | (Failed | Cancelled, Queued)
        )
    }

    /// Whether nothing follows by itself.
    pub fn is_final(&self) -> bool {
        matches!(self, Self::Succeeded | Self::Failed | Self::Cancelled)
    }
}

impl fmt::Display for RunState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for RunState {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for RunState {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|text| Self::parse(&text))
    }
}
