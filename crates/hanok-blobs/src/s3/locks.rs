//! Keeps collectors and writers of one object apart among the processes of a data directory, as
//! the folder's lock does on disk: a service has no lock that could.

use std::fs::File;
use std::path::{Path, PathBuf};

use crate::ObjectError;
use crate::address::Name;
use crate::objects::private_folder;

pub(super) struct Locks {
    folder: PathBuf,
}

impl Locks {
    pub(super) fn new(root: &Path) -> Result<Self, ObjectError> {
        let folder = root.join("cache").join("locks");
        private_folder(&folder, true)?;
        Ok(Self { folder })
    }

    /// For a writer; several at once. Held until dropped.
    pub(super) fn write(&self, name: &Name) -> Result<File, ObjectError> {
        self.take(name, File::lock_shared)
    }

    /// For who removes; alone. Held until dropped.
    pub(super) fn remove(&self, name: &Name) -> Result<File, ObjectError> {
        self.take(name, File::lock)
    }

    fn take(
        &self,
        name: &Name,
        lock: fn(&File) -> std::io::Result<()>,
    ) -> Result<File, ObjectError> {
        let path = self.folder.join(name.shard());
        let opened = File::options().create(true).append(true).open(&path);
        opened
            .and_then(|file| lock(&file).map(|()| file))
            .map_err(|error| ObjectError::io("lock", &path, error))
    }
}
