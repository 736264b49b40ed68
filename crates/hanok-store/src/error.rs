//! What can go wrong with rows, told apart as far as callers act differently on it.

use hanok_domain::fault::{Fault, FaultKind};
use sea_orm::{ConnAcquireErr, DbErr, RuntimeErr};

/// An error of the store.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The address, a certificate, a role or a limit makes no sense.
    #[error("{0}")]
    Config(String),
    /// The key of an encrypted database is missing, malformed, another one, or not called for.
    #[error("{0}")]
    Key(String),
    /// The role may not do this.
    #[error("the database's role may not do this: {0}")]
    Forbidden(String),
    /// The row is not there, or not in this project.
    #[error("there is no {what} '{id}'")]
    Absent {
        /// Kind of row.
        what: &'static str,
        /// Its id.
        id: String,
    },
    /// Something with this name or key exists already, or a reference points nowhere.
    #[error("conflict: {0}")]
    Conflict(String),
    /// The state does not allow this move.
    #[error("a {what} that is {from} cannot become {to}")]
    Move {
        /// Kind of row.
        what: &'static str,
        /// Its present state.
        from: String,
        /// The state asked for.
        to: String,
    },
    /// The database was written by a newer version of Hanok.
    #[error(
        "the database has migration '{found}', which this version does not know: \
         it was written by a newer Hanok; start that version, or restore a backup"
    )]
    SchemaTooNew {
        /// The newest migration found.
        found: String,
    },
    /// A text that the database cannot hold.
    #[error("A text has a character in it that cannot be kept (NUL).")]
    Text,
    /// No connection or lock within the time allowed; try again later.
    #[error("the database is busy: {0}")]
    Busy(String),
    /// The database cannot be reached.
    #[error("the database cannot be reached: {0}")]
    Unavailable(String),
    /// No space is left.
    #[error("no space is left for the database: {0}")]
    Full(String),
    /// The disk failed to keep what was written; nothing more is written until the database is opened again.
    #[error("the disk failed to keep what was written ({0}); writing ends until the next start")]
    Suspect(String),
    /// The file is not a database, or is damaged.
    #[error("the database is damaged: {0}; restore a backup")]
    Damaged(String),
    /// Transactions got in each other's way more often than we retry.
    #[error("transactions collided: {0}")]
    Serialization(String),
    /// The connection broke during the commit; whether it took place is not known.
    #[error("the connection broke during the commit: {0}")]
    CommitUnknown(String),
    /// The database refused a statement: our own mistake.
    #[error("database: {0}")]
    Database(String),
}

impl From<DbErr> for StoreError {
    fn from(error: DbErr) -> Self {
        match &error {
            DbErr::ConnectionAcquire(ConnAcquireErr::Timeout) => {
                Self::Busy("no connection became free in time".to_owned())
            }
            DbErr::ConnectionAcquire(ConnAcquireErr::ConnectionClosed) => {
                Self::Unavailable(error.to_string())
            }
            DbErr::Conn(RuntimeErr::SqlxError(inner))
            | DbErr::Exec(RuntimeErr::SqlxError(inner))
            | DbErr::Query(RuntimeErr::SqlxError(inner)) => from_sqlx(inner),
            DbErr::Conn(_) => Self::Unavailable(error.to_string()),
            _ => Self::Database(error.to_string()),
        }
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        from_sqlx(&error)
    }
}

/// SQLite finds no header that it knows, or none under this key.
pub(crate) fn is_no_database(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(|error| error.code());
    code.is_some_and(|code| code == "26")
}

fn from_sqlx(error: &sqlx::Error) -> StoreError {
    match error {
        sqlx::Error::Database(inner) => {
            let message = inner.message().to_owned();
            if inner.is_unique_violation() || inner.is_foreign_key_violation() {
                return StoreError::Conflict(message);
            }
            let code = inner.code().unwrap_or_default();
            // SQLSTATE has five characters; SQLite's extended codes have at most four digits.
            if code.len() == 5 {
                from_sqlstate(&code, message)
            } else {
                from_sqlite(code.parse().unwrap_or(0), message)
            }
        }
        sqlx::Error::PoolTimedOut => StoreError::Busy(error.to_string()),
        sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed => StoreError::Unavailable(error.to_string()),
        sqlx::Error::Configuration(_) => StoreError::Config(error.to_string()),
        _ => StoreError::Database(error.to_string()),
    }
}

fn from_sqlstate(code: &str, message: String) -> StoreError {
    match code {
        "40001" | "40P01" => StoreError::Serialization(message),
        // What no text of PostgreSQL can hold: a NUL, or bytes that are no UTF-8.
        "22021" | "22P05" => StoreError::Text,
        "42501" | "3F000" => StoreError::Forbidden(message),
        "53100" => StoreError::Full(message),
        // Too many connections, lock not available, statement timeout.
        "53300" | "55P03" | "57014" => StoreError::Busy(message),
        // Ended by an operator or by a crash, starting, idle in a transaction for too long.
        "57P01" | "57P02" | "57P03" | "25P03" => StoreError::Unavailable(message),
        "XX001" | "XX002" => StoreError::Damaged(message),
        _ if code.starts_with("08") => StoreError::Unavailable(message),
        _ => StoreError::Database(format!("{message} ({code})")),
    }
}

fn from_sqlite(extended: i64, message: String) -> StoreError {
    // A file or a directory was not flushed: whether it ever will be, nobody can tell.
    if matches!(extended, 1034 | 1290) {
        return StoreError::Suspect(message);
    }
    match extended & 0xff {
        // Locked by another, locked by ourselves, ended because of its time.
        5 | 6 | 9 => StoreError::Busy(message),
        // Forbidden by the system, read-only, input or output failed, not to be opened.
        3 | 8 | 10 | 14 => StoreError::Unavailable(message),
        11 | 26 => StoreError::Damaged(message),
        13 => StoreError::Full(message),
        _ => StoreError::Database(format!("{message} ({extended})")),
    }
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        let message = error.to_string();
        match error {
            StoreError::Absent { what, id } => Fault::not_found(what, &id),
            // The database's own words name its tables.
            StoreError::Conflict(_) => Fault::conflict(
                "conflict",
                "Something with this name or key exists already, or what it refers to is gone.",
            ),
            StoreError::Move { .. } => Fault::conflict("wrong_state", message),
            StoreError::Busy(_) | StoreError::Serialization(_) => {
                Fault::new(FaultKind::Overloaded, "database_busy", message)
                    .remedy("Try again in a moment.")
            }
            StoreError::Unavailable(_) | StoreError::CommitUnknown(_) | StoreError::Suspect(_) => {
                Fault::new(FaultKind::Overloaded, "database_unavailable", message)
                    .remedy("Try again with the same Idempotency-Key.")
            }
            StoreError::Text => Fault::invalid("invalid_text", message),
            StoreError::Full(_) => Fault::new(FaultKind::StorageFull, "storage_full", message),
            _ => Fault::internal(message),
        }
    }
}
