//! The store of objects: opening it and putting content into it. Blocking calls do the work;
//! asynchronous ones run them on the blocking pool.

use std::fs;
use std::io::{self, Read};
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use tokio::task::spawn_blocking;

use crate::address::check_project;
use crate::backend::Backend;
use crate::copies::Copies;
use crate::disk::Disk;
use crate::folder::Folder;
use crate::s3::Bucket;
use crate::seal::ProjectSeal;
use crate::staged::Staged;
use crate::sweep::sweep;
use crate::{ObjectError, ObjectRef, ProjectKey, SealKey, Settings};

/// Objects in a folder or in a bucket. Cheap to clone; several processes may use one at once.
/// Methods without `async` block, and may be called from any thread.
#[derive(Clone)]
pub struct Objects {
    inner: Arc<Inner>,
}

struct Inner {
    root: PathBuf,
    disk: Arc<Disk>,
    backend: Backend,
    seal: Option<SealKey>,
    seal_previous: Vec<SealKey>,
    copies: Copies,
}

impl Objects {
    /// Opens `root/objects` and `root/tmp`, making them if they are missing.
    pub fn open(root: impl Into<PathBuf>) -> Result<Self, ObjectError> {
        Self::open_with(root, Settings::default())
    }

    /// Like [`Objects::open`], with other settings than the default. With a bucket, `root` holds
    /// what is on its way there and local copies, and the bucket is made if it is missing.
    pub fn open_with(root: impl Into<PathBuf>, settings: Settings) -> Result<Self, ObjectError> {
        let root = root.into();
        private_folder(&root, false)?;
        private_folder(&root.join("tmp"), true)?;
        let disk = Arc::new(Disk::new(settings.reserve_bytes, settings.fault));
        let backend = match &settings.s3 {
            Some(s3) => Backend::S3(Arc::new(Bucket::open(&root, s3)?)),
            None => {
                private_folder(&root.join("objects"), true)?;
                Backend::Disk(Folder::new(&root, &disk))
            }
        };
        sweep(&root.join("tmp"), settings.temporary_age)?;
        if let Backend::S3(bucket) = &backend {
            bucket.sweep_at_start(settings.temporary_age);
        }
        let copies = Copies::new(&root, settings.copies_bytes, settings.copies_grace);
        let inner = Inner {
            root,
            disk,
            backend,
            seal: settings.seal,
            seal_previous: settings.seal_previous,
            copies,
        };
        Ok(Self {
            inner: Arc::new(inner),
        })
    }

    /// Whether a flush has failed since the start: reads go on, writes are refused.
    pub fn is_suspect(&self) -> bool {
        self.inner.disk.is_suspect()
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
        let mut staged = Staged::begin(self, project, limit)?;
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
        let mut staged = blocking(move || Staged::begin(&objects, &owner, limit)).await?;
        let mut content = std::pin::pin!(content);
        while let Some(part) = content.next().await {
            let part = part.map_err(|error| ObjectError::Source(error.into()))?;
            staged = blocking(move || staged.write(&part).map(|()| staged)).await?;
        }
        blocking(move || staged.commit()).await
    }

    pub(crate) fn root(&self) -> &Path {
        &self.inner.root
    }

    pub(crate) fn temps(&self) -> PathBuf {
        self.inner.root.join("tmp")
    }

    pub(crate) fn disk(&self) -> &Disk {
        &self.inner.disk
    }

    pub(crate) fn backend(&self) -> &Backend {
        &self.inner.backend
    }

    pub(crate) fn copies(&self) -> &Copies {
        &self.inner.copies
    }

    pub(crate) fn seals(&self) -> bool {
        self.inner.seal.is_some()
    }

    pub(crate) fn seal_of(&self, project: &ProjectKey) -> Option<ProjectSeal> {
        self.inner.seal.as_ref().map(|master| master.of(project))
    }

    /// The key that seals, and those that only open.
    pub(crate) fn opening_seals(&self, project: &ProjectKey) -> Option<Vec<ProjectSeal>> {
        let current = self.inner.seal.as_ref()?;
        let all = std::iter::once(current).chain(&self.inner.seal_previous);
        Some(all.map(|master| master.of(project)).collect())
    }
}

/// Makes a folder that only its owner may enter; one that was there is protected if it is `ours`.
pub(crate) fn private_folder(folder: &Path, ours: bool) -> Result<(), ObjectError> {
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
        .map_err(|error| ObjectError::io("create folder", folder, error))?;
    if ours {
        fs::set_permissions(folder, fs::Permissions::from_mode(0o700))
            .map_err(|error| ObjectError::io("protect folder", folder, error))?;
    }
    Ok(())
}

pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, ObjectError> + Send + 'static,
) -> Result<T, ObjectError> {
    spawn_blocking(work)
        .await
        .unwrap_or_else(|error| Err(ObjectError::Source(error.into())))
}
