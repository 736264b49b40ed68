//! Whether an object is what its name says, told without keeping its content in memory.

use std::fs::File;
use std::io::Read;

use crate::address::Addresser;
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
        let path = self.path_of(project_id, &name.hash)?;
        let failed = |error| ObjectError::io("read", &path, error);
        let mut file = match File::open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Ok(Condition::Missing);
            }
            Err(error) => return Err(failed(error)),
        };
        let length = file.metadata().map_err(failed)?.len();
        if length != name.size {
            return Ok(Condition::Length(length));
        }
        let Some(key) = key else {
            return Ok(Condition::Whole);
        };
        let mut addresser = Addresser::new(key);
        let mut buffer = vec![0u8; 1 << 20];
        loop {
            match file.read(&mut buffer).map_err(failed)? {
                0 => break,
                read => addresser.update(&buffer[..read]),
            }
        }
        Ok(if addresser.finish() == name.hash {
            Condition::Whole
        } else {
            Condition::Corrupt
        })
    }
}
