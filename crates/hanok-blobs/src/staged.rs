//! An object on its way in: a temporary file that becomes the object or disappears. A sealed
//! object is sealed on the way: its plain bytes never touch the disk.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use crate::address::{Addresser, Form, Name};
use crate::seal::Sealer;
use crate::{ObjectError, ObjectRef, Objects, ProjectKey};

/// The reserve is looked at again after that many bytes.
const RECHECK_BYTES: u64 = 8 << 20;
/// Content is sealed in pieces of that many bytes, so that a large one is not in memory twice.
const PIECE_BYTES: usize = 1 << 20;

pub(crate) struct Staged {
    objects: Objects,
    project_id: String,
    path: PathBuf,
    file: File,
    sealer: Option<Sealer>,
    addresser: Addresser,
    size: u64,
    limit: u64,
    admitted: u64,
}

impl Staged {
    /// Opens a temporary file for content of at most `limit` bytes.
    pub(crate) fn begin(
        objects: &Objects,
        project: &ProjectKey,
        limit: u64,
    ) -> Result<Guard, ObjectError> {
        let temps = objects.temps();
        objects.disk().admit(&temps, 0)?;
        let sealer = match objects.seal_of(project) {
            Some(key) => Some(Sealer::new(&key)?),
            None => None,
        };
        let path = temps.join(temporary_name()?);
        let file = objects.disk().create(&path)?;
        Ok(Guard(Some(Self {
            objects: objects.clone(),
            project_id: project.id.clone(),
            path,
            file,
            sealer,
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
            let temps = self.objects.temps();
            self.objects.disk().admit(&temps, bytes.len() as u64)?;
            self.admitted = self.size.saturating_add(RECHECK_BYTES);
        }
        self.addresser.update(bytes);
        let Some(sealer) = &mut self.sealer else {
            return store(&self.objects, &mut self.file, &self.path, bytes);
        };
        for piece in bytes.chunks(PIECE_BYTES) {
            let sealed = sealer.update(piece);
            store(&self.objects, &mut self.file, &self.path, &sealed)?;
        }
        Ok(())
    }

    fn commit(mut self) -> Result<ObjectRef, ObjectError> {
        let form = match self.sealer.take() {
            None => Form::Plain,
            Some(sealer) => {
                let end = sealer.finish();
                store(&self.objects, &mut self.file, &self.path, &end)?;
                Form::Sealed
            }
        };
        let name = Name::new(&self.project_id, &self.addresser.finish(), form)?;
        self.objects
            .backend()
            .publish(&self.file, &self.path, &name)?;
        Ok(ObjectRef {
            hash: name.hash,
            size: self.size,
        })
    }
}

fn store(objects: &Objects, file: &mut File, path: &Path, bytes: &[u8]) -> Result<(), ObjectError> {
    if bytes.is_empty() {
        return Ok(());
    }
    objects.disk().write(file, path, bytes)
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
        let committed = staged.commit();
        // What moved into its place is not there any more; what was sent to a bucket is.
        remove(&path);
        committed
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

/// A name in `tmp` that nobody else has.
pub(crate) fn temporary_name() -> Result<String, ObjectError> {
    let mut random = [0u8; 16];
    random_bytes(&mut random)?;
    Ok(random.iter().map(|byte| format!("{byte:02x}")).collect())
}

pub(crate) fn random_bytes(bytes: &mut [u8]) -> Result<(), ObjectError> {
    getrandom::fill(bytes).map_err(|error| {
        let error = std::io::Error::other(error.to_string());
        ObjectError::io("draw random bytes from", Path::new("the system"), error)
    })
}
