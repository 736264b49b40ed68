//! The few file-system steps of a write, in one place, so that a test can fail or record each.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::ObjectError;
use crate::error::means_full;

/// A step of a write, as a [`Fault`] sees it before it happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// A temporary file is made.
    Create,
    /// That many bytes are written to it.
    Write(usize),
    /// Its data are flushed.
    SyncFile,
    /// It takes its final name.
    Rename,
    /// The folder's entries are flushed.
    SyncFolder,
}

/// Decides whether a step fails: tests only.
pub type Fault = Arc<dyn Fn(Step) -> io::Result<()> + Send + Sync>;

pub(crate) struct Disk {
    reserve: u64,
    fault: Option<Fault>,
    suspect: AtomicBool,
}

impl Disk {
    pub(crate) fn new(reserve: u64, fault: Option<Fault>) -> Self {
        Self {
            reserve,
            fault,
            suspect: AtomicBool::new(false),
        }
    }

    pub(crate) fn is_suspect(&self) -> bool {
        self.suspect.load(Ordering::Acquire)
    }

    /// Refuses a write of `bytes` that would touch the reserve, or any after a failed flush.
    pub(crate) fn admit(&self, folder: &Path, bytes: u64) -> Result<(), ObjectError> {
        if self.is_suspect() {
            let source = io::Error::other("an earlier flush failed");
            return Err(self.sync_failed(folder, source));
        }
        let free = fs4::available_space(folder)
            .map_err(|error| ObjectError::io("ask for free space of", folder, error))?;
        if free < self.reserve.saturating_add(bytes) {
            return Err(self.full(folder, free));
        }
        Ok(())
    }

    pub(crate) fn create(&self, path: &Path) -> Result<File, ObjectError> {
        self.before(Step::Create)
            .and_then(|()| {
                let mut options = OpenOptions::new();
                options.write(true).create_new(true).mode(0o600).open(path)
            })
            .map_err(|error| self.failure("create", path, error))
    }

    pub(crate) fn write(
        &self,
        file: &mut File,
        path: &Path,
        bytes: &[u8],
    ) -> Result<(), ObjectError> {
        self.before(Step::Write(bytes.len()))
            .and_then(|()| file.write_all(bytes))
            .map_err(|error| self.failure("write", path, error))
    }

    pub(crate) fn sync_file(&self, file: &File, path: &Path) -> Result<(), ObjectError> {
        self.before(Step::SyncFile)
            .and_then(|()| file.sync_all())
            .map_err(|error| self.sync_failed(path, error))
    }

    /// Gives a file its final name in `folder`, durably. The shared lock keeps [`Self::remove_if`]
    /// from taking the object between its look and its removal.
    pub(crate) fn publish(&self, from: &Path, folder: &Path, to: &Path) -> Result<(), ObjectError> {
        let opened = File::open(folder)
            .and_then(|opened| opened.lock_shared().map(|()| opened))
            .map_err(|error| ObjectError::io("lock folder", folder, error))?;
        self.before(Step::Rename)
            .and_then(|()| fs::rename(from, to))
            .map_err(|error| self.failure("rename to", to, error))?;
        self.before(Step::SyncFolder)
            .and_then(|()| opened.sync_all())
            .map_err(|error| self.sync_failed(folder, error))
    }

    /// Removes a file durably if `condition` holds while nobody can publish in its folder.
    pub(crate) fn remove_if(
        &self,
        folder: &Path,
        path: &Path,
        condition: impl FnOnce(&fs::Metadata) -> bool,
    ) -> Result<bool, ObjectError> {
        let opened = match File::open(folder) {
            Ok(opened) => opened,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
            Err(error) => return Err(ObjectError::io("open folder", folder, error)),
        };
        let failed = |error| ObjectError::io("delete", path, error);
        opened.lock().map_err(failed)?;
        match fs::symlink_metadata(path) {
            Ok(found) if condition(&found) => fs::remove_file(path).map_err(failed)?,
            Ok(_) => return Ok(false),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
            Err(error) => return Err(failed(error)),
        }
        self.before(Step::SyncFolder)
            .and_then(|()| opened.sync_all())
            .map_err(|error| self.sync_failed(folder, error))?;
        Ok(true)
    }

    pub(crate) fn sync_folder(&self, folder: &Path) -> Result<(), ObjectError> {
        self.before(Step::SyncFolder)
            .and_then(|()| File::open(folder)?.sync_all())
            .map_err(|error| self.sync_failed(folder, error))
    }

    /// Makes the folder if it is missing, and its entry durable in `parent`.
    pub(crate) fn ensure_folder(&self, folder: &Path, parent: &Path) -> Result<(), ObjectError> {
        match fs::DirBuilder::new().mode(0o700).create(folder) {
            Ok(()) => self.sync_folder(parent),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
            Err(error) => Err(self.failure("create folder", folder, error)),
        }
    }

    fn before(&self, step: Step) -> io::Result<()> {
        self.fault.as_ref().map_or(Ok(()), |fault| fault(step))
    }

    fn failure(&self, action: &'static str, path: &Path, error: io::Error) -> ObjectError {
        if means_full(&error) {
            let folder = path.parent().unwrap_or(path);
            let free = fs4::available_space(folder).unwrap_or(0);
            return self.full(folder, free);
        }
        ObjectError::io(action, path, error)
    }

    fn full(&self, folder: &Path, free: u64) -> ObjectError {
        ObjectError::StorageFull {
            path: folder.to_path_buf(),
            free,
            reserve: self.reserve,
        }
    }

    /// Out of space at the flush (delayed allocation) is full; anything else makes us suspect.
    fn sync_failed(&self, path: &Path, error: io::Error) -> ObjectError {
        if means_full(&error) {
            return self.failure("flush", path, error);
        }
        self.suspect.store(true, Ordering::Release);
        tracing::error!(path = %path.display(), %error, "a flush failed; objects take no more writes until a restart");
        ObjectError::SyncFailed {
            path: path.to_path_buf(),
            source: error,
        }
    }
}
