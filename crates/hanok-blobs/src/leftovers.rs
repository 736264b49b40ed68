//! What writers left half-made: temporary files, uploads to a bucket that nobody ended.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use crate::backend::Backend;
use crate::folder::{idle_of, paths_in};
use crate::sweep::sweep;
use crate::{ObjectError, Objects};

/// A file, a folder or an upload that something left half-made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leftover {
    /// Where: on the disk, or `s3://bucket/key` of an upload.
    pub path: PathBuf,
    /// Bytes; of a folder only its own entry, of an upload none (what it holds is not told).
    pub size: u64,
    /// How long ago anybody wrote to it; of an upload, since it began.
    pub idle: Duration,
    /// The upload's id; none of a file or folder.
    pub upload: Option<String>,
}

impl Objects {
    /// Temporary files and uploads, of writers at work and of dead ones.
    pub fn temporaries(&self) -> Result<Vec<Leftover>, ObjectError> {
        self.leftovers("tmp", "")
    }

    /// What lies in a folder of the data directory under names that begin so; in all of `tmp` also
    /// the uploads to the bucket that nobody has ended.
    pub fn leftovers(&self, folder: &str, begin: &str) -> Result<Vec<Leftover>, ObjectError> {
        let mut found = Vec::new();
        for path in paths_in(&self.root().join(folder))? {
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
                    upload: None,
                });
            }
        }
        found.sort_by(|a, b| a.path.cmp(&b.path));
        if let (Backend::S3(bucket), "tmp", "") = (self.backend(), folder, begin) {
            found.extend(bucket.uploads()?);
        }
        Ok(found)
    }

    /// Removes a leftover; false if it was gone already.
    pub fn remove_leftover(&self, left: &Leftover) -> Result<bool, ObjectError> {
        let removed = match (&left.upload, self.backend()) {
            (Some(_), Backend::S3(bucket)) => return bucket.abort(left),
            (Some(_), Backend::Disk(_)) => return Ok(false),
            (None, _) if left.path.is_dir() => fs::remove_dir_all(&left.path),
            (None, _) => fs::remove_file(&left.path),
        };
        match removed {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(ObjectError::io("remove", &left.path, error)),
        }
    }

    /// Removes temporary files and uploads idle for `age`, as the start does; tells how many.
    pub fn sweep(&self, age: Duration) -> Result<u64, ObjectError> {
        let files = sweep(&self.temps(), age)?;
        match self.backend() {
            Backend::Disk(_) => Ok(files),
            Backend::S3(bucket) => Ok(files + bucket.sweep(age)?),
        }
    }
}
