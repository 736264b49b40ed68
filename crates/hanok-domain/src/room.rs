//! The rooms of the studio: what an operator may switch off as a whole. Owns the names, not what is in them.

use serde::{Deserialize, Serialize};

/// A room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Room {
    /// Data sets, runs and evaluations.
    Finetune,
    /// Models: imported, searched, downloaded.
    Hub,
    /// Model cards.
    Cards,
    /// Deployments, the playground and what answers.
    Serve,
    /// Tools for texts.
    Text,
}

impl Room {
    /// Every room.
    pub const ALL: [Self; 5] = [
        Self::Finetune,
        Self::Hub,
        Self::Cards,
        Self::Serve,
        Self::Text,
    ];

    /// Its name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Finetune => "finetune",
            Self::Hub => "hub",
            Self::Cards => "cards",
            Self::Serve => "serve",
            Self::Text => "text",
        }
    }

    /// The room of this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|room| room.as_str() == name)
    }
}
