//! What the database is, and whether it is one that we work with. Asked in a statement that reads a table,
//! so that the answer also proves that it answers.

use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, Statement};
use sqlx::postgres::PgConnection;

use crate::{StoreError, Tx};

const POSTGRES_AT_LEAST: i32 = 14;

/// SQLite before this one can corrupt a log to which two connections write and that a third checkpoints.
/// The one that we ship is SQLCipher's, which stands at 3.50: it is safe because one process holds the
/// data directory and one connection both writes and checkpoints. Of one that others bring we know nothing.
const SQLITE_AT_LEAST: i32 = 3_051_003;

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

/// Asks the SQLite that the program was linked with what it is.
pub(crate) async fn check_sqlite(
    connection: &DatabaseConnection,
    encrypted: bool,
) -> Result<(), StoreError> {
    let sql = "PRAGMA cipher_version".to_owned();
    let row = connection
        .query_one_raw(Statement::from_string(DbBackend::Sqlite, sql))
        .await?;
    // SAFETY: it reads a constant of the library.
    let number = unsafe { libsqlite3_sys::sqlite3_libversion_number() };
    sqlite_suffices(number, row.is_some(), encrypted)
}

fn sqlite_suffices(number: i32, cipher: bool, encrypted: bool) -> Result<(), StoreError> {
    if cipher {
        return Ok(());
    }
    if encrypted {
        return Err(StoreError::Config(
            "a database key is set, but this build has a SQLite without encryption".to_owned(),
        ));
    }
    if number < SQLITE_AT_LEAST {
        let (major, minor) = (number / 1_000_000, number / 1000 % 1000);
        return Err(StoreError::Config(format!(
            "this build has SQLite {major}.{minor}.{} from elsewhere; 3.51.3 or newer is needed, \
             or the one that Hanok brings",
            number % 1000
        )));
    }
    Ok(())
}

pub(crate) async fn check_postgres(connection: &mut PgConnection) -> Result<(), StoreError> {
    let sql = "SELECT current_setting('server_version_num')::int";
    let number: i32 = sqlx::query_scalar(sql).fetch_one(connection).await?;
    postgres_suffices(number)
}

fn postgres_suffices(number: i32) -> Result<(), StoreError> {
    let major = number / 10_000;
    if major >= POSTGRES_AT_LEAST {
        return Ok(());
    }
    Err(StoreError::Config(format!(
        "the server is PostgreSQL {major}; {POSTGRES_AT_LEAST} or newer is needed"
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_that_are_too_old_are_refused_by_their_number() {
        for (number, suffices) in [
            (90_624, false),
            (130_014, false),
            (140_000, true),
            (170_002, true),
        ] {
            assert_eq!(postgres_suffices(number).is_ok(), suffices, "{number}");
        }
        let said = postgres_suffices(130_014).unwrap_err().to_string();
        assert_eq!(said, "the server is PostgreSQL 13; 14 or newer is needed");
    }

    #[test]
    fn a_sqlite_from_elsewhere_must_be_a_safe_one() {
        assert!(sqlite_suffices(3_050_004, true, false).is_ok());
        assert!(sqlite_suffices(3_050_004, true, true).is_ok());
        assert!(sqlite_suffices(3_051_003, false, false).is_ok());
        assert!(sqlite_suffices(3_051_003, false, true).is_err());
        let said = sqlite_suffices(3_050_004, false, false).unwrap_err();
        assert!(said.to_string().contains("SQLite 3.50.4"), "{said}");
    }
}
