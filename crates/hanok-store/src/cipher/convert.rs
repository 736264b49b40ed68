//! Encrypting, decrypting and changing the key of a SQLite file that no store has open. The new file is
//! whole and on disk before it takes the old one's name; until then the old one is as it was.

use std::path::Path;

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteLockingMode};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor};

use super::{EncryptionKey, Nature, exit, nature};
use crate::connect::sqlite;
use crate::files::{beside, discard, failed, install, length, private};
use crate::migrate::copies;
use crate::{StoreError, error};

/// Encrypts a plain file, and the copies that were made before migrations.
pub async fn encrypt(path: &Path, key: &EncryptionKey) -> Result<(), StoreError> {
    convert(path, None, Some(key)).await
}

/// Turns an encrypted file into a plain one, and the copies that were made before migrations.
pub async fn decrypt(path: &Path, key: &EncryptionKey) -> Result<(), StoreError> {
    convert(path, Some(key), None).await
}

/// Gives an encrypted file another key, and the copies that were made before migrations.
pub async fn rekey(
    path: &Path,
    old: &EncryptionKey,
    new: &EncryptionKey,
) -> Result<(), StoreError> {
    convert(path, Some(old), Some(new)).await
}

/// The copies first: should it end half-way, the file itself still tells what is to be done.
async fn convert(
    path: &Path,
    from: Option<&EncryptionKey>,
    to: Option<&EncryptionKey>,
) -> Result<(), StoreError> {
    expect(path, from)?;
    sqlite::quiet().await?;
    let source = open(path, from).await?;
    for copy in copies(path)? {
        if open(&copy, to).await.is_err() {
            let source = open(&copy, from).await?;
            one(&copy, source, to).await?;
        }
    }
    one(path, source, to).await
}

fn expect(path: &Path, from: Option<&EncryptionKey>) -> Result<(), StoreError> {
    let place = path.display();
    let found = nature(path).map_err(|error| failed(path, &error))?;
    let why = match (found, from) {
        (Nature::Plain, None) | (Nature::Sealed, Some(_)) => return Ok(()),
        (Nature::Empty, _) => format!("there is no database at {place}"),
        (Nature::Plain, Some(_)) => format!("{place} is not encrypted"),
        (Nature::Sealed, None) => format!("{place} is encrypted already"),
        (Nature::Other, _) => return Err(StoreError::Damaged(format!("{place} is no database"))),
    };
    Err(StoreError::Key(why))
}

/// Alone: refused as busy while any other connection, of this process or another, is open.
async fn open(path: &Path, key: Option<&EncryptionKey>) -> Result<SqliteConnection, StoreError> {
    let mut options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(false)
        .locking_mode(SqliteLockingMode::Exclusive)
        .pragma("temp_store", "MEMORY")
        .disable_statement_logging();
    // Also of a plain file: another one is attached to it that has a key.
    options = exit::named(options);
    if let Some(key) = key {
        options = options.pragma("key", key.literal());
    }
    let refused = |error: sqlx::Error| match error::is_no_database(&error) {
        true => StoreError::Key(format!("the key does not open {}", path.display())),
        false => StoreError::from(error),
    };
    let mut connection = options.connect().await.map_err(refused)?;
    let sql = "SELECT count(*) FROM sqlite_master; PRAGMA wal_checkpoint(TRUNCATE)";
    connection.execute(sql).await.map_err(refused)?;
    Ok(connection)
}

async fn one(
    path: &Path,
    source: SqliteConnection,
    to: Option<&EncryptionKey>,
) -> Result<(), StoreError> {
    let fresh = beside(path, ".converting");
    discard(&fresh)?;
    let file = private(&fresh)?;
    let made = export(source, &fresh, to).await;
    // A log of the old file would be taken for one of the new.
    let made = match length(&beside(path, "-wal")) {
        0 => made.and_then(|()| install(&file, &fresh, path)),
        _ => made.and(Err(StoreError::Busy(format!(
            "{} is in use",
            path.display()
        )))),
    };
    if made.is_err() {
        discard(&fresh)?;
    }
    made
}

/// Without a journal and without flushing: the file is flushed as a whole, and thrown away if that fails.
async fn export(
    mut source: SqliteConnection,
    fresh: &Path,
    to: Option<&EncryptionKey>,
) -> Result<(), StoreError> {
    let place = fresh.display().to_string().replace('\'', "''");
    let key = to.map_or("''".to_owned(), EncryptionKey::literal);
    let sql = format!(
        "ATTACH DATABASE '{place}' AS fresh KEY {key}; \
         PRAGMA fresh.journal_mode = OFF; PRAGMA fresh.synchronous = OFF; \
         BEGIN; SELECT sqlcipher_export('fresh'); COMMIT; DETACH DATABASE fresh"
    );
    source.execute(AssertSqlSafe(sql)).await?;
    source.close().await?;
    let mut check = open(fresh, to).await?;
    let verdict: String = sqlx::query_scalar("PRAGMA quick_check(1)")
        .fetch_one(&mut check)
        .await?;
    check.close().await?;
    match verdict.as_str() {
        "ok" => Ok(()),
        _ => Err(StoreError::Damaged(verdict)),
    }
}
