//! What the database is: asked in a statement that reads a table, so that the answer also proves that
//! it answers.

use sea_orm::{ConnectionTrait, Statement};

use crate::{StoreError, Tx};

/// The database's own version, and how far its schema is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DatabaseVersion {
    /// For example `SQLite 3.50.4`.
    pub server: String,
    /// Migrations that were applied.
    pub migrations: i64,
}

impl Tx {
    /// Asks the database for its version.
    pub async fn version(&self) -> Result<DatabaseVersion, StoreError> {
        let server = match self.is_postgres() {
            true => "'PostgreSQL ' || current_setting('server_version')",
            false => "'SQLite ' || sqlite_version()",
        };
        let sql =
            format!("SELECT {server} AS server, count(*) AS migrations FROM seaql_migrations");
        let backend = self.conn().get_database_backend();
        let row = self
            .conn()
            .query_one_raw(Statement::from_string(backend, sql))
            .await?
            .ok_or_else(|| StoreError::Database("the version gave no row".to_owned()))?;
        Ok(DatabaseVersion {
            server: row.try_get("", "server")?,
            migrations: row.try_get("", "migrations")?,
        })
    }
}
