//! What lies on the disk: objects by project and address, temporary files, and removing either.

use std::fs::{self, Metadata};
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use crate::address::{check_project, is_address};
use crate::sweep::sweep;
use crate::{ObjectError, ObjectRef, Objects};

/// An object on the disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// Its address.
    pub hash: String,
    /// Bytes.
    pub size: u64,
    /// How long ago its content was written; storing the same content again counts as writing it.
    pub idle: Duration,
}

/// A file or folder that something left half-made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leftover {
    /// Where.
    pub path: PathBuf,
    /// Bytes; of a folder only its own entry.
    pub size: u64,
    /// How long ago anybody wrote to it.
    pub idle: Duration,
}

impl Objects {
    /// Removes an object; false if there was none. The caller makes sure that no row names it.
    pub fn delete(&self, project_id: &str, hash: &str) -> Result<bool, ObjectError> {
        self.delete_idle(project_id, hash, Duration::ZERO)
    }

    /// Removes an object that nobody has stored for `idle`, looked at again under a lock that keeps
    /// writers of the same content out: who stores it now is never left with nothing.
    pub fn delete_idle(
        &self,
        project_id: &str,
        hash: &str,
        idle: Duration,
    ) -> Result<bool, ObjectError> {
        let path = self.path_of(project_id, hash)?;
        let folder = path.parent().unwrap_or(&path);
        self.disk()
            .remove_if(folder, &path, |found| idle_of(found) >= idle)
    }

    /// The project's objects, by address.
    pub fn list(&self, project_id: &str) -> Result<Vec<ObjectRef>, ObjectError> {
        let stored = self.stored(project_id)?.into_iter();
        let named = stored.map(|object| ObjectRef {
            hash: object.hash,
            size: object.size,
        });
        Ok(named.collect())
    }

    /// The project's objects with their ages, by address.
    pub fn stored(&self, project_id: &str) -> Result<Vec<Stored>, ObjectError> {
        check_project(project_id)?;
        let mut found = Vec::new();
        for folder in entries(self.root().join("objects").join(project_id))? {
            for path in entries(folder)? {
                let Some(hash) = path.file_name().and_then(|name| name.to_str()) else {
                    continue;
                };
                if let (true, Ok(metadata)) = (is_address(hash), fs::metadata(&path)) {
                    found.push(Stored {
                        hash: hash.to_string(),
                        size: metadata.len(),
                        idle: idle_of(&metadata),
                    });
                }
            }
        }
        found.sort_by(|a, b| a.hash.cmp(&b.hash));
        Ok(found)
    }

    /// Projects that have a folder here, whether or not there is a row for them.
    pub fn projects(&self) -> Result<Vec<String>, ObjectError> {
        let folders = entries(self.root().join("objects"))?.into_iter();
        let names = folders.filter_map(|path| path.file_name()?.to_str().map(str::to_owned));
        let mut names: Vec<String> = names.filter(|name| check_project(name).is_ok()).collect();
        names.sort();
        Ok(names)
    }

    /// Temporary files, of writers at work and of dead ones.
    pub fn temporaries(&self) -> Result<Vec<Leftover>, ObjectError> {
        self.leftovers("tmp", "")
    }

    /// What lies in a folder of the data directory under names that begin so.
    pub fn leftovers(&self, folder: &str, begin: &str) -> Result<Vec<Leftover>, ObjectError> {
        let mut found = Vec::new();
        for path in entries(self.root().join(folder))? {
            let name = path.file_name().and_then(|name| name.to_str());
            // What vanishes while we look belongs to somebody alive.
            if let (true, Ok(metadata)) = (
                name.is_some_and(|name| name.starts_with(begin)),
                fs::symlink_metadata(&path),
            ) {
                found.push(Leftover {
                    size: metadata.len(),
                    idle: idle_of(&metadata),
                    path,
                });
            }
        }
        found.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(found)
    }

    /// Removes temporary files idle for `age`, as the start does; tells how many.
    pub fn sweep(&self, age: Duration) -> Result<u64, ObjectError> {
        sweep(&self.root().join("tmp"), age)
    }
}

/// What is from the future (the clock went back) counts as fresh.
pub(crate) fn idle_of(found: &Metadata) -> Duration {
    let modified = found.modified().unwrap_or_else(|_| SystemTime::now());
    modified.elapsed().unwrap_or_default()
}

/// Paths in a folder; none if it does not exist.
fn entries(folder: PathBuf) -> Result<Vec<PathBuf>, ObjectError> {
    let listing = match fs::read_dir(&folder) {
        Ok(listing) => listing,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(ObjectError::io("list folder", &folder, error)),
    };
    let mut paths = Vec::new();
    for entry in listing {
        let entry = entry.map_err(|error| ObjectError::io("list folder", &folder, error))?;
        paths.push(entry.path());
    }
    Ok(paths)
}
