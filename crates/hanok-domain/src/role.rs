//! Roles: of an account in the installation, of a member in a project.
//!
//! Does not own what an action requires; a role that is not known may do nothing.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// What an account is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum UserRole {
    /// Runs the installation.
    Admin,
    /// A person.
    User,
    /// A program.
    Service,
    /// Written by a newer version, or damaged.
    Unknown(String),
}

impl UserRole {
    /// As stored and as the API shows it.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Admin => "admin",
            Self::User => "user",
            Self::Service => "service",
            Self::Unknown(text) => text,
        }
    }

    /// Never fails: what is not known stays as it is.
    pub fn parse(text: &str) -> Self {
        match text {
            "admin" => Self::Admin,
            "user" => Self::User,
            "service" => Self::Service,
            other => Self::Unknown(other.to_owned()),
        }
    }
}

impl fmt::Display for UserRole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for UserRole {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for UserRole {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|text| Self::parse(&text))
    }
}

/// What a member may do in a project, from most to least.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum MemberRole {
    /// May also change members and delete the project.
    Owner,
    /// May create and change.
    Editor,
    /// May look.
    Viewer,
    /// Written by a newer version, or damaged.
    Unknown(String),
}

impl MemberRole {
    /// As stored and as the API shows it.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Owner => "owner",
            Self::Editor => "editor",
            Self::Viewer => "viewer",
            Self::Unknown(text) => text,
        }
    }

    /// Never fails: what is not known stays as it is.
    pub fn parse(text: &str) -> Self {
        match text {
            "owner" => Self::Owner,
            "editor" => Self::Editor,
            "viewer" => Self::Viewer,
            other => Self::Unknown(other.to_owned()),
        }
    }

    /// Whether this role includes what `needed` may do.
    pub fn includes(&self, needed: &Self) -> bool {
        match (self.rank(), needed.rank()) {
            (Some(has), Some(needed)) => has >= needed,
            _ => false,
        }
    }

    fn rank(&self) -> Option<u8> {
        match self {
            Self::Owner => Some(3),
            Self::Editor => Some(2),
            Self::Viewer => Some(1),
            Self::Unknown(_) => None,
        }
    }
}

impl fmt::Display for MemberRole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for MemberRole {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for MemberRole {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|text| Self::parse(&text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_include_the_lesser_ones_and_unknown_ones_nothing() {
        assert!(MemberRole::Owner.includes(&MemberRole::Viewer));
        assert!(MemberRole::Editor.includes(&MemberRole::Editor));
        assert!(!MemberRole::Viewer.includes(&MemberRole::Editor));
        let unknown = MemberRole::parse("superowner");
        assert!(!unknown.includes(&MemberRole::Viewer));
        assert!(!MemberRole::Owner.includes(&unknown));
    }
}
