//! Whether an object is what its name says, told without keeping its content in memory.

use crate::get::content_length;
use crate::{ObjectError, ObjectRef, Objects, ProjectKey};

/// What a look at an object found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Condition {
    /// It is what its name says.
    Whole,
    /// It is not there.
    Missing,
    /// It has another length.
    Length(u64),
    /// It has the length, and other bytes.
    Corrupt,
}

impl Objects {
    /// Looks at an object: its length, and with a key its content too. Blocks.
    pub fn check_blocking(
        &self,
        project_id: &str,
        name: &ObjectRef,
        key: Option<&ProjectKey>,
    ) -> Result<Condition, ObjectError> {
        let Some((stored, found)) = self.find(project_id, &name.hash)? else {
            return Ok(Condition::Missing);
        };
        match content_length(&stored, found.length) {
            Ok(length) if length == name.size => {}
            Ok(length) => return Ok(Condition::Length(length)),
            Err(_) => return Ok(Condition::Corrupt),
        }
        let Some(key) = key else {
            return Ok(Condition::Whole);
        };
        match self.read_through(key, &name.hash) {
            Ok(()) => Ok(Condition::Whole),
            Err(ObjectError::Corrupt { .. }) => Ok(Condition::Corrupt),
            Err(ObjectError::NotFound { .. }) => Ok(Condition::Missing),
            Err(error) => Err(error),
        }
    }

    fn read_through(&self, key: &ProjectKey, hash: &str) -> Result<(), ObjectError> {
        let mut content = self.read(key, hash)?;
        while content.next()?.is_some() {}
        Ok(())
    }
}
