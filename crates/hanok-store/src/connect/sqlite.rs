//! Opening a SQLite file, plain or encrypted, or saying why not. Nothing is made or changed before the
//! file is known to be ours.

use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use sea_orm::{ConnectionTrait, DatabaseConnection, SqlxSqliteConnector};
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{ConnectOptions, Connection, Executor};

use tokio::sync::OnceCell;

use super::{Pools, damage};
use crate::cipher::{Nature, exit, nature};
use crate::files::{beside, failed, length};
use crate::migrate::copies;
use crate::{StoreConfig, StoreError, error, version};

mod limit;

use limit::limit_statements;

/// What is left of the log's file once it has been folded.
const LOG_KEPT: &str = "16777216";

pub(super) async fn open(config: &StoreConfig, path: &Path) -> Result<Pools, StoreError> {
    expect(config, path)?;
    quiet().await?;
    create_private(path)?;
    let left = length(&beside(path, "-wal")) > 0;
    let writer = connect_writer(config, path).await?;
    version::check_sqlite(&writer, config.key.is_some()).await?;
    if let Some(first) = damage(&writer).await?.into_iter().next() {
        return Err(StoreError::Damaged(first));
    }
    if left {
        fold(&writer).await?;
    }
    Ok(Pools {
        reader: connect_readers(config, path).await?,
        writer,
        migrator: None,
        file: Some(path.to_owned()),
        _idle: Vec::new(),
    })
}

/// What a broken process left in the log may be in the system's memory alone, marked as written: copied
/// into the file it is written, and flushed, anew. Where there is no room for that, the log is kept as it is.
async fn fold(writer: &DatabaseConnection) -> Result<(), StoreError> {
    let done = writer
        .execute_unprepared("PRAGMA wal_checkpoint(PASSIVE)")
        .await;
    match done.map_err(StoreError::from) {
        Err(error @ StoreError::Suspect(_)) => Err(error),
        Err(error) => {
            tracing::warn!(%error, "the database's log was not folded");
            Ok(())
        }
        Ok(_) => Ok(()),
    }
}

/// SQLCipher writes its own lines to standard error; what they say comes back as errors anyway. It has
/// one setting for the whole process, which is made before any key is tried.
pub(crate) async fn quiet() -> Result<(), StoreError> {
    static QUIET: OnceCell<()> = OnceCell::const_new();
    let silence = async || {
        let mut connection = SqliteConnectOptions::new()
            .in_memory(true)
            .connect()
            .await?;
        connection.execute("PRAGMA cipher_log_level = NONE").await?;
        connection.close().await
    };
    QUIET.get_or_try_init(silence).await?;
    exit::stand_by();
    Ok(())
}

/// Refuses what is there but cannot be what the configuration says.
fn expect(config: &StoreConfig, path: &Path) -> Result<(), StoreError> {
    let place = path.display();
    let found = nature(path).map_err(|error| failed(path, &error))?;
    match (found, &config.key) {
        (Nature::Plain, None) | (Nature::Sealed, Some(_)) => Ok(()),
        (Nature::Empty, _) => refuse_loss(path),
        (Nature::Plain, Some(_)) => Err(StoreError::Key(format!(
            "a database key is set, but {place} is not encrypted: \
             encrypt it with `hanok store encrypt` while no server runs, or unset the key"
        ))),
        (Nature::Sealed, None) => Err(StoreError::Key(format!(
            "{place} is encrypted and no key is set: set DB_ENCRYPTION_KEY; \
             if it never was encrypted it is damaged: restore a backup"
        ))),
        (Nature::Other, _) => Err(StoreError::Damaged(format!("{place} is not a database"))),
    }
}

/// An empty file beside the remains of a full one is a loss, not a beginning.
fn refuse_loss(path: &Path) -> Result<(), StoreError> {
    let mut remains = copies(path)?;
    let log = beside(path, "-wal");
    if length(&log) > 0 {
        remains.push(log);
    }
    match remains.last() {
        None => Ok(()),
        Some(remains) => Err(StoreError::Damaged(format!(
            "{} is gone or empty, but {} is there",
            path.display(),
            remains.display()
        ))),
    }
}

/// SQLite gives its log and index files the mode of the main file.
fn create_private(path: &Path) -> Result<(), StoreError> {
    OpenOptions::new()
        .create(true)
        .append(true)
        .mode(0o600)
        .open(path)
        .map(drop)
        .map_err(|error| failed(path, &error))
}

async fn connect_writer(
    config: &StoreConfig,
    path: &Path,
) -> Result<DatabaseConnection, StoreError> {
    let options = options(config, path)
        .journal_mode(SqliteJournalMode::Wal)
        // Acknowledged means on disk: sync at every commit, not only at checkpoints.
        .synchronous(SqliteSynchronous::Full)
        .pragma("journal_size_limit", LOG_KEPT)
        .foreign_keys(true);
    let pool = pool(config, 1).connect_with(options).await;
    let pool = pool.map_err(|error| match &config.key {
        Some(_) if error::is_no_database(&error) => StoreError::Key(format!(
            "the key does not open {}: it is another one, or the file's first page is damaged",
            path.display()
        )),
        _ => error.into(),
    })?;
    Ok(SqlxSqliteConnector::from_sqlx_sqlite_pool(pool))
}

async fn connect_readers(
    config: &StoreConfig,
    path: &Path,
) -> Result<DatabaseConnection, StoreError> {
    let options = options(config, path)
        .pragma("query_only", "ON")
        .pragma("wal_autocheckpoint", "0");
    let limit = config.read_timeout;
    let pool = pool(config, config.max_connections.max(1)).after_connect(move |connection, _| {
        Box::pin(async move {
            // It takes part in the log from now on: a writer that must be replaced is then not the
            // last to leave, which would fold the log, and the next would not guess at its end anew.
            connection
                .execute("SELECT count(*) FROM sqlite_master")
                .await?;
            limit_statements(connection, limit).await
        })
    });
    let pool = pool.connect_with(options).await?;
    Ok(SqlxSqliteConnector::from_sqlx_sqlite_pool(pool))
}

/// Connections stay for good: were the writer ever gone, a reader that closes last would checkpoint.
fn pool(config: &StoreConfig, size: u32) -> SqlitePoolOptions {
    SqlitePoolOptions::new()
        .max_connections(size)
        .min_connections(size.min(1))
        .acquire_timeout(config.acquire_timeout)
        .idle_timeout(None)
        .max_lifetime(None)
        .test_before_acquire(false)
        .after_release(|connection, _| Box::pin(is_at_rest(connection)))
}

/// Whether no transaction is left. One whose end failed, on a full disk for instance, can stay open, or be
/// thought open: the next one would be a part of it, and be acknowledged without being committed. Such a
/// connection is closed, and another one opened.
async fn is_at_rest(connection: &mut SqliteConnection) -> sqlx::Result<bool> {
    if !connection.is_in_transaction() {
        return Ok(true);
    }
    // The end of one that was dropped may still be on its way to the connection's thread: wait for it.
    drop(connection.lock_handle().await?);
    Ok(!connection.is_in_transaction())
}

/// What all connections share, also those that only look or copy.
pub(crate) fn options(config: &StoreConfig, path: &Path) -> SqliteConnectOptions {
    let mut options = SqliteConnectOptions::new();
    if let Some(key) = &config.key {
        options = exit::named(options.pragma("key", key.literal()));
    }
    options
        .filename(path)
        .busy_timeout(config.busy_timeout)
        .create_if_missing(false)
        // What is sorted or joined must not lie about in clear.
        .pragma("temp_store", "MEMORY")
        .disable_statement_logging()
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;

    #[tokio::test]
    async fn f25_a_statement_of_a_reader_ends_with_its_time() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("h.db");
        let mut config = StoreConfig::new(format!("sqlite://{}", path.display()));
        config.read_timeout = Duration::from_millis(200);
        let pools = open(&config, &path).await.unwrap();
        let endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) \
            SELECT count(*) FROM n";
        for _ in 0..2 {
            let begun = Instant::now();
            let ended = pools.reader.execute_unprepared(endless).await;
            let ended = ended.map_err(StoreError::from);
            assert!(matches!(ended, Err(StoreError::Busy(_))), "{ended:?}");
            assert!(begun.elapsed() < Duration::from_secs(5));
        }
        pools.reader.execute_unprepared("SELECT 1").await.unwrap();
    }
}
