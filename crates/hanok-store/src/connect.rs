//! Connections. SQLite: one that writes and checkpoints, several that can only read
//! (two writers could corrupt a WAL file with the SQLite that we ship). PostgreSQL:
//! two pools, of which the reading one starts read-only snapshots.

use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use sea_orm::sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbBackend, Statement,
};

use crate::{StoreConfig, StoreError};

pub(crate) struct Pools {
    pub(crate) writer: DatabaseConnection,
    pub(crate) reader: DatabaseConnection,
}

pub(crate) async fn open(config: &StoreConfig) -> Result<Pools, StoreError> {
    if let Some(path) = config.url.strip_prefix("sqlite://") {
        sqlite(config, Path::new(path)).await
    } else if config.url.starts_with("postgres://") || config.url.starts_with("postgresql://") {
        postgres(config).await
    } else {
        Err(StoreError::Config(
            "the database address must begin with sqlite:// or postgres://".to_owned(),
        ))
    }
}

async fn sqlite(config: &StoreConfig, path: &Path) -> Result<Pools, StoreError> {
    create_private(path)?;
    let busy = config.busy_timeout;
    let file = path.to_owned();
    let mut writer = sqlite_pool(config, 1);
    writer.map_sqlx_sqlite_opts(move |_| {
        sqlite_options(&file, busy)
            .journal_mode(SqliteJournalMode::Wal)
            // Acknowledged means on disk: sync at every commit, not only at checkpoints.
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
    });
    let writer = Database::connect(writer).await?;
    check(&writer).await?;

    let file = path.to_owned();
    let mut reader = sqlite_pool(config, config.max_connections.max(1));
    reader.map_sqlx_sqlite_opts(move |_| {
        sqlite_options(&file, busy)
            .pragma("query_only", "ON")
            .pragma("wal_autocheckpoint", "0")
    });
    let reader = Database::connect(reader).await?;
    Ok(Pools { writer, reader })
}

/// Connections stay for good: were the writer ever gone, a reader that closes last would checkpoint.
fn sqlite_pool(config: &StoreConfig, size: u32) -> ConnectOptions {
    let mut pool = options(config, size);
    pool.min_connections(size.min(1))
        .idle_timeout(None)
        .max_lifetime(None)
        .test_before_acquire(false);
    pool
}

fn sqlite_options(path: &Path, busy: std::time::Duration) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .busy_timeout(busy)
        .create_if_missing(false)
}

/// SQLite gives its log and index files the mode of the main file.
fn create_private(path: &Path) -> Result<(), StoreError> {
    OpenOptions::new()
        .create(true)
        .append(true)
        .mode(0o600)
        .open(path)
        .map(drop)
        .map_err(|error| {
            StoreError::Unavailable(format!("cannot open {}: {error}", path.display()))
        })
}

async fn check(writer: &DatabaseConnection) -> Result<(), StoreError> {
    match damage(writer).await?.into_iter().next() {
        None => Ok(()),
        Some(first) => Err(StoreError::Damaged(first)),
    }
}

/// What SQLite finds wrong with its file, at most so many things.
pub(crate) async fn damage(connection: &DatabaseConnection) -> Result<Vec<String>, StoreError> {
    let backend = connection.get_database_backend();
    if backend != DbBackend::Sqlite {
        return Ok(Vec::new());
    }
    let statement = Statement::from_string(backend, "PRAGMA quick_check(20)".to_owned());
    let mut found = Vec::new();
    for row in connection.query_all_raw(statement).await? {
        found.push(row.try_get_by_index::<String>(0)?);
    }
    if found.is_empty() {
        found.push("no answer".to_owned());
    }
    found.retain(|verdict| verdict != "ok");
    Ok(found)
}

async fn postgres(config: &StoreConfig) -> Result<Pools, StoreError> {
    let half = (config.max_connections / 2).max(1);
    let writer = Database::connect(postgres_options(config, half, false)).await?;
    let reader = Database::connect(postgres_options(config, half, true)).await?;
    Ok(Pools { writer, reader })
}

fn postgres_options(config: &StoreConfig, size: u32, read_only: bool) -> ConnectOptions {
    let schema = config.schema.clone();
    let mut options = options(config, size);
    options.statement_timeout(config.statement_timeout);
    options.map_sqlx_postgres_opts(move |mut pg| {
        if read_only {
            pg = pg.options([
                ("default_transaction_read_only", "on"),
                ("default_transaction_isolation", "repeatable read"),
            ]);
        }
        match &schema {
            Some(schema) => pg.options([("search_path", schema)]),
            None => pg,
        }
    });
    options
}

fn options(config: &StoreConfig, size: u32) -> ConnectOptions {
    let mut options = ConnectOptions::new(config.url.clone());
    options
        .max_connections(size)
        .acquire_timeout(config.acquire_timeout)
        .connect_timeout(config.acquire_timeout)
        .sqlx_logging(false);
    options
}
