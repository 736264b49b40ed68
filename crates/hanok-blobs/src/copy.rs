//! An object copied to a file of its own, for programs that read files by their names.

use std::fs;
use std::io::{self, Read};
use std::path::Path;

use crate::address::Addresser;
use crate::objects::not_found;
use crate::{ObjectError, Objects, ProjectKey};

impl Objects {
    /// Copies an object to a new file and checks it on the way; blocks. A copy that turns out to be of
    /// other bytes is removed.
    pub fn copy_blocking(
        &self,
        project: &ProjectKey,
        hash: &str,
        to: &Path,
    ) -> Result<u64, ObjectError> {
        let from = self.path_of(&project.id, hash)?;
        let mut source =
            fs::File::open(&from).map_err(|error| not_found(hash, "open", &from, error))?;
        let mut target =
            fs::File::create_new(to).map_err(|error| ObjectError::io("create", to, error))?;
        let mut addresser = Addresser::new(project);
        let mut buffer = vec![0u8; 1 << 20];
        let mut size = 0;
        loop {
            let read = source
                .read(&mut buffer)
                .map_err(|error| ObjectError::io("read", &from, error))?;
            if read == 0 {
                break;
            }
            addresser.update(&buffer[..read]);
            io::Write::write_all(&mut target, &buffer[..read])
                .map_err(|error| ObjectError::io("write", to, error))?;
            size += read as u64;
        }
        if addresser.finish() != hash {
            // What could not be removed is found as a half-made folder by whoever made it.
            let _ = fs::remove_file(to);
            return Err(ObjectError::Corrupt {
                hash: hash.to_string(),
            });
        }
        Ok(size)
    }
}
