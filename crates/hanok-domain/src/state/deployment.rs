//! A deployment's states and moves.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// What a deployment is doing.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum DeploymentState {
    /// Wanted, not yet loaded.
    Pending,
    /// Answers.
    Ready,
    /// Not wanted for now.
    Stopped,
    /// Could not be loaded.
    Failed,
    /// Written by a newer version, or damaged.
    Unknown(String),
}

impl DeploymentState {
    /// As stored and as the API shows it.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Pending => "pending",
            Self::Ready => "ready",
            Self::Stopped => "stopped",
            Self::Failed => "failed",
            Self::Unknown(text) => text,
        }
    }

    /// Never fails: what is not known stays as it is.
    pub fn parse(text: &str) -> Self {
        match text {
            "pending" => Self::Pending,
            "ready" => Self::Ready,
            "stopped" => Self::Stopped,
            "failed" => Self::Failed,
            other => Self::Unknown(other.to_owned()),
        }
    }

    /// Whether a deployment may go from here to there.
    pub fn may_become(&self, to: &Self) -> bool {
        use DeploymentState::*;
        matches!(
            (self, to),
            (Pending, Ready | Failed | Stopped)
                // Pending again when its worker is lost.
                | (Ready, Pending | Failed | Stopped)
                | (Failed | Stopped, Pending)
                | (Failed, Stopped)
        )
    }
}

impl fmt::Display for DeploymentState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for DeploymentState {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for DeploymentState {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|text| Self::parse(&text))
    }
}
