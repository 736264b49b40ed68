//! What is stored: objects by project and address; and removing them.

use std::time::Duration;

use crate::address::{Name, check_project};
use crate::get::content_length;
use crate::{ObjectError, ObjectRef, Objects};

/// An object that is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// Its address.
    pub hash: String,
    /// Bytes of its content.
    pub size: u64,
    /// How long ago its content was written; storing the same content again counts as writing it.
    pub idle: Duration,
}

impl Objects {
    /// Removes an object; false if there was none. The caller makes sure that no row names it.
    pub fn delete(&self, project_id: &str, hash: &str) -> Result<bool, ObjectError> {
        self.delete_idle(project_id, hash, Duration::ZERO)
    }

    /// Removes an object that nobody has stored for `idle`, looked at again under a lock that keeps
    /// writers of the same content out: who stores it now is never left with nothing. The lock holds
    /// among the processes of one data directory.
    pub fn delete_idle(
        &self,
        project_id: &str,
        hash: &str,
        idle: Duration,
    ) -> Result<bool, ObjectError> {
        let mut removed = false;
        for form in self.forms() {
            let name = Name::new(project_id, hash, form)?;
            removed |= self.backend().remove_idle(&name, idle)?;
        }
        if removed {
            self.copies().remove(project_id, hash);
        }
        Ok(removed)
    }

    /// The project's objects, by address.
    pub fn list(&self, project_id: &str) -> Result<Vec<ObjectRef>, ObjectError> {
        let stored = self.stored(project_id)?.into_iter();
        let named = stored.map(|object| ObjectRef {
            hash: object.hash,
            size: object.size,
        });
        Ok(named.collect())
    }

    /// The project's objects with their ages, by address.
    pub fn stored(&self, project_id: &str) -> Result<Vec<Stored>, ObjectError> {
        check_project(project_id)?;
        let mut stored = Vec::new();
        for entry in self.backend().entries(project_id)? {
            let name = Name::new(project_id, &entry.hash, entry.form)?;
            stored.push(Stored {
                // What is too short to be a sealed object holds nothing.
                size: content_length(&name, entry.found.length).unwrap_or(0),
                hash: entry.hash,
                idle: entry.found.idle,
            });
        }
        // An object that was stored before it was sealed counts once, as young as its youngest form.
        stored.sort_by(|a, b| a.hash.cmp(&b.hash).then(a.idle.cmp(&b.idle)));
        stored.dedup_by(|later, kept| later.hash == kept.hash);
        Ok(stored)
    }

    /// Projects that have objects here, whether or not there is a row for them.
    pub fn projects(&self) -> Result<Vec<String>, ObjectError> {
        let mut names = self.backend().projects()?;
        names.sort();
        Ok(names)
    }
}
