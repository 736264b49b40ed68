//! The store of objects: put, get, list, delete. Blocking calls do the work; asynchronous ones
//! run them on the blocking pool.

use std::fs;
use std::io::{self, Read};
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use tokio::task::spawn_blocking;

use crate::address::{check_address, check_project};
use crate::disk::{Disk, Fault};
use crate::staged::Staged;
use crate::sweep::sweep;
use crate::{ObjectError, ObjectReader, ObjectRef, ProjectKey, address_of};

/// How a store of objects behaves.
#[derive(Clone)]
pub struct Settings {
    /// Free bytes that writes never touch, so that the database and the log can go on.
    pub reserve_bytes: u64,
    /// Temporary files idle for longer are removed at the start.
    pub temporary_age: Duration,
    /// Fails chosen steps: tests only.
    pub fault: Option<Fault>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            reserve_bytes: 256 << 20,
            temporary_age: Duration::from_secs(24 * 3600),
            fault: None,
        }
    }
}

/// Objects in a folder. Cheap to clone; several processes may use one folder at once.
#[derive(Clone)]
pub struct Objects {
    root: PathBuf,
    disk: Arc<Disk>,
}

impl Objects {
    /// Opens `root/objects` and `root/tmp`, making them if they are missing.
    pub fn open(root: impl Into<PathBuf>) -> Result<Self, ObjectError> {
        Self::open_with(root, Settings::default())
    }

    /// Like [`Objects::open`], with other settings than the default.
    pub fn open_with(root: impl Into<PathBuf>, settings: Settings) -> Result<Self, ObjectError> {
        let root = root.into();
        for folder in [root.clone(), root.join("objects"), root.join("tmp")] {
            let made = fs::DirBuilder::new()
                .recursive(true)
                .mode(0o700)
                .create(&folder);
            made.map_err(|error| ObjectError::io("create folder", &folder, error))?;
        }
        for folder in [root.join("objects"), root.join("tmp")] {
            fs::set_permissions(&folder, fs::Permissions::from_mode(0o700))
                .map_err(|error| ObjectError::io("protect folder", &folder, error))?;
        }
        sweep(&root.join("tmp"), settings.temporary_age)?;
        Ok(Self {
            root,
            disk: Arc::new(Disk::new(settings.reserve_bytes, settings.fault)),
        })
    }

    /// Whether a flush has failed since the start: reads go on, writes are refused.
    pub fn is_suspect(&self) -> bool {
        self.disk.is_suspect()
    }

    /// Stores `content`; blocks.
    pub fn put_blocking(
        &self,
        project: &ProjectKey,
        content: &[u8],
    ) -> Result<ObjectRef, ObjectError> {
        self.put_reader_blocking(project, &mut &*content, u64::MAX)
    }

    /// Stores what `content` gives, at most `limit` bytes; blocks.
    pub fn put_reader_blocking(
        &self,
        project: &ProjectKey,
        content: &mut dyn Read,
        limit: u64,
    ) -> Result<ObjectRef, ObjectError> {
        check_project(&project.id)?;
        let mut staged = Staged::begin(&self.disk, &self.root, project, limit)?;
        let mut buffer = vec![0u8; 256 << 10];
        loop {
            match content.read(&mut buffer) {
                Ok(0) => return staged.commit(),
                Ok(read) => staged.write(&buffer[..read])?,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(ObjectError::Source(error.into())),
            }
        }
    }

    /// Stores `content`.
    pub async fn put_bytes(
        &self,
        project: &ProjectKey,
        content: Bytes,
    ) -> Result<ObjectRef, ObjectError> {
        let (objects, project) = (self.clone(), project.clone());
        blocking(move || objects.put_blocking(&project, &content)).await
    }

    /// Stores a stream of at most `limit` bytes. If the stream fails or this future is dropped,
    /// nothing stays behind.
    pub async fn put_stream<S, E>(
        &self,
        project: &ProjectKey,
        content: S,
        limit: u64,
    ) -> Result<ObjectRef, ObjectError>
    where
        S: Stream<Item = Result<Bytes, E>>,
        E: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        check_project(&project.id)?;
        let (objects, owner) = (self.clone(), project.clone());
        let mut staged =
            blocking(move || Staged::begin(&objects.disk, &objects.root, &owner, limit)).await?;
        let mut content = std::pin::pin!(content);
        while let Some(part) = content.next().await {
            let part = part.map_err(|error| ObjectError::Source(error.into()))?;
            staged = blocking(move || staged.write(&part).map(|()| staged)).await?;
        }
        blocking(move || staged.commit()).await
    }

    /// Reads an object and checks it; blocks.
    pub fn get_blocking(&self, project: &ProjectKey, hash: &str) -> Result<Bytes, ObjectError> {
        let path = self.path_of(&project.id, hash)?;
        let content = fs::read(&path).map_err(|error| not_found(hash, "read", &path, error))?;
        if address_of(project, &content) != hash {
            tracing::error!(hash, project = project.id, "object is corrupt");
            return Err(ObjectError::Corrupt {
                hash: hash.to_string(),
            });
        }
        Ok(content.into())
    }

    /// Reads an object and checks it.
    pub async fn get_bytes(&self, project: &ProjectKey, hash: &str) -> Result<Bytes, ObjectError> {
        let (objects, project, hash) = (self.clone(), project.clone(), hash.to_string());
        blocking(move || objects.get_blocking(&project, &hash)).await
    }

    /// Opens an object for streaming; the reader checks it at the end.
    pub async fn get(&self, project: &ProjectKey, hash: &str) -> Result<ObjectReader, ObjectError> {
        let path = self.path_of(&project.id, hash)?;
        let file = tokio::fs::File::open(&path)
            .await
            .map_err(|error| not_found(hash, "open", &path, error))?;
        let size = file
            .metadata()
            .await
            .map_err(|error| ObjectError::io("ask for the size of", &path, error))?
            .len();
        Ok(ObjectReader::new(project, hash, file, size))
    }

    /// Path of a stored object, to be read only. Its content is not checked.
    pub fn get_path(&self, project_id: &str, hash: &str) -> Result<PathBuf, ObjectError> {
        let path = self.path_of(project_id, hash)?;
        match fs::metadata(&path) {
            Ok(_) => Ok(path),
            Err(error) => Err(not_found(hash, "look at", &path, error)),
        }
    }

    /// Whether the object is stored.
    pub fn exists(&self, project_id: &str, hash: &str) -> Result<bool, ObjectError> {
        match self.get_path(project_id, hash) {
            Ok(_) => Ok(true),
            Err(ObjectError::NotFound { .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    pub(crate) fn disk(&self) -> &Disk {
        &self.disk
    }

    pub(crate) fn path_of(&self, project_id: &str, hash: &str) -> Result<PathBuf, ObjectError> {
        check_project(project_id)?;
        check_address(hash)?;
        let project = self.root.join("objects").join(project_id);
        Ok(project.join(&hash[..2]).join(hash))
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, ObjectError> + Send + 'static,
) -> Result<T, ObjectError> {
    spawn_blocking(work)
        .await
        .unwrap_or_else(|error| Err(ObjectError::Source(error.into())))
}

pub(crate) fn not_found(
    hash: &str,
    action: &'static str,
    path: &Path,
    error: io::Error,
) -> ObjectError {
    if error.kind() == io::ErrorKind::NotFound {
        return ObjectError::NotFound {
            hash: hash.to_string(),
        };
    }
    ObjectError::io(action, path, error)
}
