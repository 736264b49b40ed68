//! Where objects lie: a folder or a bucket. Each operation of the store ends in one of these
//! two; what is above knows neither paths nor keys. All of it blocks.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use crate::ObjectError;
use crate::address::{Form, Name};
use crate::folder::Folder;
use crate::s3::{Body, Bucket};

/// Bytes that one read of a file asks for.
const READ_BYTES: usize = 256 << 10;

#[derive(Clone)]
pub(crate) enum Backend {
    Disk(Folder),
    S3(Arc<Bucket>),
}

/// What is stored under a name.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Found {
    /// Bytes as they are stored; sealing adds some.
    pub(crate) length: u64,
    /// Since they were written.
    pub(crate) idle: Duration,
}

/// An entry of a listing.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub(crate) hash: String,
    pub(crate) form: Form,
    pub(crate) found: Found,
}

impl Backend {
    pub(crate) fn look(&self, name: &Name) -> Result<Option<Found>, ObjectError> {
        match self {
            Self::Disk(folder) => folder.look(name),
            Self::S3(bucket) => bucket.look(name),
        }
    }

    /// The stored bytes and how many there are.
    pub(crate) fn open(&self, name: &Name) -> Result<Option<(Source, u64)>, ObjectError> {
        match self {
            Self::Disk(folder) => {
                let opened = folder.open(name)?;
                let path = folder.path_of(name);
                Ok(opened.map(|(file, length)| (Source::File(file, path), length)))
            }
            Self::S3(bucket) => {
                let body = bucket.open_object(name)?;
                Ok(body.map(|body| {
                    let length = body.length();
                    (
                        Source::Body(Arc::clone(bucket), Some(Box::new(body))),
                        length,
                    )
                }))
            }
        }
    }

    /// Makes a whole local file the object. On disk the file itself moves; of a bucket's object
    /// the caller removes it.
    pub(crate) fn publish(&self, file: &File, path: &Path, name: &Name) -> Result<(), ObjectError> {
        match self {
            Self::Disk(folder) => folder.publish(file, path, name),
            Self::S3(bucket) => bucket.publish(path, name),
        }
    }

    pub(crate) fn remove_idle(&self, name: &Name, idle: Duration) -> Result<bool, ObjectError> {
        match self {
            Self::Disk(folder) => folder.remove_idle(name, idle),
            Self::S3(bucket) => bucket.remove_idle(name, idle),
        }
    }

    pub(crate) fn entries(&self, project: &str) -> Result<Vec<Entry>, ObjectError> {
        match self {
            Self::Disk(folder) => folder.entries(project),
            Self::S3(bucket) => bucket.entries(project),
        }
    }

    pub(crate) fn projects(&self) -> Result<Vec<String>, ObjectError> {
        match self {
            Self::Disk(folder) => folder.projects(),
            Self::S3(bucket) => bucket.projects(),
        }
    }
}

/// Stored bytes being read.
pub(crate) enum Source {
    File(File, PathBuf),
    Body(Arc<Bucket>, Option<Box<Body>>),
}

impl Source {
    /// The next bytes; none at the end.
    pub(crate) fn next(&mut self) -> Result<Option<Bytes>, ObjectError> {
        match self {
            Self::File(file, path) => {
                let mut bytes = Vec::with_capacity(READ_BYTES);
                let read = file.take(READ_BYTES as u64).read_to_end(&mut bytes);
                read.map_err(|error| ObjectError::io("read", path, error))?;
                Ok((!bytes.is_empty()).then(|| bytes.into()))
            }
            Self::Body(bucket, body) => bucket.next_of(body),
        }
    }
}
