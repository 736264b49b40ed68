//! The copy of a SQLite file that is made before its schema changes: consistent, private, encrypted as the
//! file is. Does not restore; that is renaming it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor};

use crate::connect::sqlite;
use crate::files::{beside, discard, failed, install, private};
use crate::{StoreConfig, StoreError};

const KEPT: usize = 2;
const MARK: &str = ".before-";

/// Copies the file to `NAME.before-VERSION` beside it; of older copies the newest stays too.
pub(super) async fn before(
    config: &StoreConfig,
    path: &Path,
    version: &str,
) -> Result<(), StoreError> {
    let copy = beside(path, &format!("{MARK}{version}"));
    let fresh = beside(path, ".copying");
    discard(&fresh)?;
    let file = private(&fresh)?;
    let made = match dump(config, path, &fresh).await {
        Ok(()) => install(&file, &fresh, &copy),
        Err(error) => Err(error),
    };
    if let Err(error) = made {
        discard(&fresh)?;
        return Err(error);
    }
    tracing::info!(copy = %copy.display(), "the database was copied before its schema changes");
    let copies = copies(path)?;
    for old in copies.iter().rev().skip(KEPT) {
        fs::remove_file(old).map_err(|error| failed(old, &error))?;
    }
    Ok(())
}

async fn dump(config: &StoreConfig, path: &Path, to: &Path) -> Result<(), StoreError> {
    // It reads the file and writes another one: there still is one that writes this file.
    let options = sqlite::options(config, path).pragma("wal_autocheckpoint", "0");
    let mut connection = options.connect().await?;
    let to = to.display().to_string().replace('\'', "''");
    let made = connection
        .execute(AssertSqlSafe(format!("VACUUM INTO '{to}'")))
        .await;
    connection.close().await?;
    made?;
    Ok(())
}

/// The copies beside a file, from the oldest schema to the newest.
pub(crate) fn copies(path: &Path) -> Result<Vec<PathBuf>, StoreError> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let prefix = format!("{name}{MARK}");
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        other => other.map_err(|error| failed(folder, &error))?,
    };
    let names = entries.flatten().map(|entry| entry.path()).filter(|path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        // What SQLite keeps beside a copy that was looked into is not a copy.
        name.starts_with(&prefix) && !name.ends_with("-wal") && !name.ends_with("-shm")
    });
    let mut found: Vec<PathBuf> = names.collect();
    found.sort();
    Ok(found)
}
