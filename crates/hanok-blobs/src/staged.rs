//! An object on its way in: a temporary file that becomes the object or disappears.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::address::Addresser;
use crate::disk::Disk;
use crate::{ObjectError, ObjectRef, ProjectKey};

/// The reserve is looked at again after that many bytes.
const RECHECK_BYTES: u64 = 8 << 20;

pub(crate) struct Staged {
    disk: Arc<Disk>,
    root: PathBuf,
    project_id: String,
    path: PathBuf,
    file: File,
    addresser: Addresser,
    size: u64,
    limit: u64,
    admitted: u64,
}

impl Staged {
    /// Opens a temporary file for content of at most `limit` bytes.
    pub(crate) fn begin(
        disk: &Arc<Disk>,
        root: &Path,
        project: &ProjectKey,
        limit: u64,
    ) -> Result<Guard, ObjectError> {
        let temps = root.join("tmp");
        disk.admit(&temps, 0)?;
        let path = temps.join(temporary_name()?);
        let file = disk.create(&path)?;
        Ok(Guard(Some(Self {
            disk: Arc::clone(disk),
            root: root.to_path_buf(),
            project_id: project.id.clone(),
            path,
            file,
            addresser: Addresser::new(project),
            size: 0,
            limit,
            admitted: 0,
        })))
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), ObjectError> {
        self.size = self.size.saturating_add(bytes.len() as u64);
        if self.size > self.limit {
            return Err(ObjectError::TooLarge { limit: self.limit });
        }
        if self.size > self.admitted {
            self.disk
                .admit(&self.root.join("tmp"), bytes.len() as u64)?;
            self.admitted = self.size.saturating_add(RECHECK_BYTES);
        }
        self.addresser.update(bytes);
        self.disk.write(&mut self.file, &self.path, bytes)
    }

    /// Data, fsync, rename, fsync of every folder that changed: in this order.
    fn commit(self) -> Result<ObjectRef, ObjectError> {
        let hash = self.addresser.finish();
        self.disk.sync_file(&self.file, &self.path)?;
        let objects = self.root.join("objects");
        let project = objects.join(&self.project_id);
        let folder = project.join(&hash[..2]);
        self.disk.ensure_folder(&project, &objects)?;
        self.disk.ensure_folder(&folder, &project)?;
        // Over an existing object of the same content as well: it may have rotted on disk.
        self.disk
            .publish(&self.path, &folder, &folder.join(&hash))?;
        Ok(ObjectRef {
            hash,
            size: self.size,
        })
    }
}

/// Removes the temporary file unless it has become the object, also when a future is dropped.
pub(crate) struct Guard(Option<Staged>);

impl Guard {
    pub(crate) fn write(&mut self, bytes: &[u8]) -> Result<(), ObjectError> {
        self.0.as_mut().map_or(Ok(()), |staged| staged.write(bytes))
    }

    pub(crate) fn commit(mut self) -> Result<ObjectRef, ObjectError> {
        let Some(staged) = self.0.take() else {
            return Err(ObjectError::Source("committed twice".into()));
        };
        let path = staged.path.clone();
        staged.commit().inspect_err(|_| remove(&path))
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        if let Some(staged) = self.0.take() {
            remove(&staged.path);
        }
    }
}

fn remove(path: &Path) {
    match fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            tracing::warn!(path = %path.display(), %error, "a temporary file stays until the next sweep");
        }
        _ => {}
    }
}

fn temporary_name() -> Result<String, ObjectError> {
    let mut random = [0u8; 16];
    getrandom::fill(&mut random).map_err(|error| {
        ObjectError::io(
            "draw a name for",
            Path::new("tmp"),
            std::io::Error::other(error.to_string()),
        )
    })?;
    let name = random.iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(name)
}
