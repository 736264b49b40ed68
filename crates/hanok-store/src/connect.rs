//! Connections. SQLite: one that writes and checkpoints, several that can only read
//! (two writers could corrupt a WAL file with the SQLite that we ship). PostgreSQL:
//! two pools, of which the reading one starts read-only snapshots.

use std::path::{Path, PathBuf};

use sea_orm::{
    ConnAcquireErr, ConnectionTrait, DatabaseConnection, DbBackend, DbErr, RuntimeErr, Statement,
};

use crate::{StoreConfig, StoreError};

mod postgres;
pub(crate) mod sqlite;
mod tls;

pub(crate) struct Pools {
    pub(crate) writer: DatabaseConnection,
    pub(crate) reader: DatabaseConnection,
    /// Who changes the schema, if the writer's role may not.
    pub(crate) migrator: Option<DatabaseConnection>,
    /// The file, if it is SQLite.
    pub(crate) file: Option<PathBuf>,
    /// Ends with the store.
    _idle: Vec<postgres::IdleLimit>,
}

/// Why no connection was had in time: none was free, or none could be made.
pub(crate) fn starved(pool: &DatabaseConnection, error: DbErr) -> DbErr {
    let made = |pool: &sqlx::PgPool| pool.size() >= pool.options().get_max_connections();
    if is_postgres_pool(pool) && !made(pool.get_postgres_connection_pool()) {
        return DbErr::Conn(RuntimeErr::Internal(error.to_string()));
    }
    error
}

/// How many connections the pool may have.
pub(crate) fn size(pool: &DatabaseConnection) -> u32 {
    match is_postgres_pool(pool) {
        true => pool
            .get_postgres_connection_pool()
            .options()
            .get_max_connections(),
        // A file is never cut off.
        false => 0,
    }
}

fn is_postgres_pool(pool: &DatabaseConnection) -> bool {
    pool.get_database_backend() == DbBackend::Postgres
}

/// No connection became free, or could be made, in time.
pub(crate) fn is_starved(error: &DbErr) -> bool {
    matches!(error, DbErr::ConnectionAcquire(ConnAcquireErr::Timeout))
        || matches!(sqlx_error(error), Some(sqlx::Error::PoolTimedOut))
}

/// The connection was dead before it was asked, or died before it answered.
pub(crate) fn is_cut(error: &DbErr) -> bool {
    match sqlx_error(error) {
        Some(sqlx::Error::Io(_)) => true,
        Some(sqlx::Error::Database(inner)) => {
            // Ended by an operator or by a crash.
            matches!(inner.code().as_deref(), Some("57P01" | "57P02"))
        }
        _ => false,
    }
}

fn sqlx_error(error: &DbErr) -> Option<&sqlx::Error> {
    match error {
        DbErr::Conn(RuntimeErr::SqlxError(inner))
        | DbErr::Exec(RuntimeErr::SqlxError(inner))
        | DbErr::Query(RuntimeErr::SqlxError(inner)) => Some(inner),
        _ => None,
    }
}

pub(crate) async fn open(config: &StoreConfig) -> Result<Pools, StoreError> {
    if let Some(path) = config.url.strip_prefix("sqlite://") {
        sqlite::open(config, Path::new(path)).await
    } else if is_postgres(&config.url) {
        if config.key.is_some() {
            tracing::warn!("the key for SQLite files has no use with PostgreSQL");
        }
        postgres::open(config).await
    } else {
        Err(StoreError::Config(
            "the database address must begin with sqlite:// or postgres://".to_owned(),
        ))
    }
}

fn is_postgres(url: &str) -> bool {
    url.starts_with("postgres://") || url.starts_with("postgresql://")
}

/// What SQLite finds wrong with its file, at most so many things.
pub(crate) async fn damage(connection: &DatabaseConnection) -> Result<Vec<String>, StoreError> {
    let backend = connection.get_database_backend();
    if backend != DbBackend::Sqlite {
        return Ok(Vec::new());
    }
    let statement = Statement::from_string(backend, "PRAGMA quick_check(20)".to_owned());
    let mut found = Vec::new();
    // Where the list of the tables itself is torn, the pragma fails as a statement with a fault in it would.
    let rows = match connection
        .query_all_raw(statement)
        .await
        .map_err(StoreError::from)
    {
        Err(StoreError::Database(message)) => return Ok(vec![message]),
        rows => rows?,
    };
    for row in rows {
        found.push(row.try_get_by_index::<String>(0)?);
    }
    if found.is_empty() {
        found.push("no answer".to_owned());
    }
    found.retain(|verdict| verdict != "ok");
    Ok(found)
}
