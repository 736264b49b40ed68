//! An object copied: to a file of its own, for programs that read files by their names, or to another project.

use std::fs;
use std::io::Write;
use std::path::Path;

use crate::objects::blocking;
use crate::reading::Checked;
use crate::staged::Staged;
use crate::{ObjectError, ObjectRef, Objects, ProjectKey};

impl Objects {
    /// Copies an object to a new file and checks it on the way; blocks. A copy that turns out to be of
    /// other bytes, or that was cut short, is removed.
    pub fn copy_blocking(
        &self,
        project: &ProjectKey,
        hash: &str,
        to: &Path,
    ) -> Result<u64, ObjectError> {
        write_new(self.read(project, hash)?, to)
    }

    /// Copies an object to another project, where it has another address and is sealed under another key. It
    /// is checked on the way; if that fails nothing stays behind.
    pub async fn copy_to(
        &self,
        from: &ProjectKey,
        hash: &str,
        to: &ProjectKey,
    ) -> Result<ObjectRef, ObjectError> {
        let (objects, from, to) = (self.clone(), from.clone(), to.clone());
        let hash = hash.to_owned();
        blocking(move || {
            let mut content = objects.read(&from, &hash)?;
            let mut staged = Staged::begin(&objects, &to, u64::MAX)?;
            while let Some(part) = content.next()? {
                staged.write(&part)?;
            }
            staged.commit()
        })
        .await
    }
}

/// Writes content to a file that was not there, and leaves none if that fails.
pub(crate) fn write_new(mut content: Checked, to: &Path) -> Result<u64, ObjectError> {
    let mut file =
        fs::File::create_new(to).map_err(|error| ObjectError::io("create", to, error))?;
    let mut size = 0;
    let written = loop {
        match content.next() {
            Ok(None) => break Ok(size),
            Ok(Some(part)) => {
                if let Err(error) = file.write_all(&part) {
                    break Err(ObjectError::io("write", to, error));
                }
                size += part.len() as u64;
            }
            Err(error) => break Err(error),
        }
    };
    if written.is_err() {
        // What could not be removed is found as a half-made folder by whoever made it.
        let _ = fs::remove_file(to);
    }
    written
}
