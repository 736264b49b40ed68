//! A model's states and moves.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// What a model is doing.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum ModelState {
    /// A worker checks its files.
    Importing,
    /// Can be used.
    Ready,
    /// Its files cannot be used.
    Failed,
    /// Its files were whole once, and are not any more.
    Broken,
    /// Written by a newer version, or damaged.
    Unknown(String),
}

impl ModelState {
    /// As stored and as the API shows it.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Importing => "importing",
            Self::Ready => "ready",
            Self::Failed => "failed",
            Self::Broken => "broken",
            Self::Unknown(text) => text,
        }
    }

    /// Never fails: what is not known stays as it is.
    pub fn parse(text: &str) -> Self {
        match text {
            "importing" => Self::Importing,
            "ready" => Self::Ready,
            "failed" => Self::Failed,
            "broken" => Self::Broken,
            other => Self::Unknown(other.to_owned()),
        }
    }

    /// Whether a model may go from here to there.
    pub fn may_become(&self, to: &Self) -> bool {
        use ModelState::*;
        matches!(
            (self, to),
            (Importing, Ready | Failed) | (Ready, Broken) | (Broken, Ready)
        )
    }
}

impl fmt::Display for ModelState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for ModelState {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for ModelState {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|text| Self::parse(&text))
    }
}
