//! Words of the audit log: who acts and how it ended. Which actions there are is told where they happen.

use serde::{Serialize, Serializer};

/// By what kind of credential something was done.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Actor {
    /// A person's session.
    Session,
    /// An access token.
    Token,
    /// An API key.
    Key,
    /// A command on the same machine.
    Local,
    /// The program itself.
    System,
    /// Nobody that we know.
    Nobody,
    /// Written by a newer version, or damaged.
    Unknown(String),
}

impl Actor {
    /// As stored and as the API shows it.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Session => "session",
            Self::Token => "token",
            Self::Key => "key",
            Self::Local => "local",
            Self::System => "system",
            Self::Nobody => "nobody",
            Self::Unknown(text) => text,
        }
    }

    /// Never fails: what is not known stays as it is.
    pub fn parse(text: &str) -> Self {
        match text {
            "session" => Self::Session,
            "token" => Self::Token,
            "key" => Self::Key,
            "local" => Self::Local,
            "system" => Self::System,
            "nobody" => Self::Nobody,
            other => Self::Unknown(other.to_owned()),
        }
    }
}

impl Serialize for Actor {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// How it ended.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// It was done.
    Done,
    /// It was not permitted.
    Denied,
    /// It was permitted and did not succeed: a wrong password, for instance.
    Failed,
    /// Written by a newer version, or damaged.
    Unknown(String),
}

impl Outcome {
    /// As stored and as the API shows it.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Done => "done",
            Self::Denied => "denied",
            Self::Failed => "failed",
            Self::Unknown(text) => text,
        }
    }

    /// Never fails: what is not known stays as it is.
    pub fn parse(text: &str) -> Self {
        match text {
            "done" => Self::Done,
            "denied" => Self::Denied,
            "failed" => Self::Failed,
            other => Self::Unknown(other.to_owned()),
        }
    }
}

impl Serialize for Outcome {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}
