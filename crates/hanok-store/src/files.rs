//! Files beside a database: their names, making them private and durable. Does not know what is in them.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use crate::StoreError;

/// The log and the index of a SQLite file, and what it may leave of a broken first write.
const COMPANIONS: [&str; 4] = ["", "-wal", "-shm", "-journal"];

pub(crate) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    PathBuf::from(name)
}

pub(crate) fn length(path: &Path) -> u64 {
    fs::metadata(path).map_or(0, |found| found.len())
}

/// A new file that only its owner can read.
pub(crate) fn private(path: &Path) -> Result<File, StoreError> {
    let mut options = OpenOptions::new();
    let options = options.write(true).create_new(true).mode(0o600);
    options.open(path).map_err(|error| failed(path, &error))
}

/// Gives a finished file its name, durably.
pub(crate) fn install(file: &File, from: &Path, to: &Path) -> Result<(), StoreError> {
    file.sync_all().map_err(|error| failed(from, &error))?;
    fs::rename(from, to).map_err(|error| failed(to, &error))?;
    let folder = match to.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let synced = File::open(folder).and_then(|folder| folder.sync_all());
    synced.map_err(|error| failed(folder, &error))
}

/// Removes a database file and what SQLite keeps beside it; what is not there is fine.
pub(crate) fn discard(path: &Path) -> Result<(), StoreError> {
    for suffix in COMPANIONS {
        let path = beside(path, suffix);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(failed(&path, &error));
            }
            _ => {}
        }
    }
    Ok(())
}

pub(crate) fn failed(path: &Path, error: &io::Error) -> StoreError {
    let message = format!("{}: {error}", path.display());
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => StoreError::Full(message),
        _ => StoreError::Unavailable(message),
    }
}
