//! Names of entries: what kind of answer, whose, and which.

use std::fmt;

/// The name of an entry. Projects never share entries.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Key {
    kind: &'static str,
    project: String,
    id: String,
}

impl Key {
    /// `kind` is a fixed word per kind of answer; `id` says which one and holds everything the answer
    /// follows from.
    pub fn new(kind: &'static str, project: impl Into<String>, id: impl Into<String>) -> Self {
        Self {
            kind,
            project: project.into(),
            id: id.into(),
        }
    }
}

/// As it is stored. The lengths keep an id with colons from reaching into another project.
impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kind, project, id } = self;
        write!(f, "{kind}:{}:{project}:{id}", project.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colons_do_not_lead_to_another_project() {
        let mine = Key::new("rows", "proj_a", "b:c").to_string();
        let theirs = Key::new("rows", "proj_a:b", "c").to_string();
        assert_ne!(mine, theirs);
    }
}
