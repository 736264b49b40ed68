//! Where the rows are and how patiently to reach them. Does not read files or the environment.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use crate::EncryptionKey;

const MIB: u64 = 1024 * 1024;

/// What [`crate::Store::open`] needs to know.
#[derive(Clone)]
pub struct StoreConfig {
    /// `sqlite://PATH` or `postgres://…`.
    pub url: String,
    /// SQLite: the key of an encrypted file; a new file is encrypted with it.
    pub key: Option<EncryptionKey>,
    /// PostgreSQL: how the connection is secured, where the address does not say.
    pub tls: PostgresTls,
    /// PostgreSQL: the address with the role that changes the schema, if the other may not.
    pub migration_url: Option<String>,
    /// SQLite: readers beside the one writer. PostgreSQL: connections, shared between both kinds.
    pub max_connections: u32,
    /// PostgreSQL: connections that are kept while there is nothing to do for them.
    pub max_idle_connections: u32,
    /// PostgreSQL: how old a connection may become.
    pub connection_max_lifetime: Option<Duration>,
    /// PostgreSQL: how long a connection that nobody uses is kept.
    pub idle_timeout: Duration,
    /// PostgreSQL: how long opening waits for a server that does not answer yet.
    pub connect_timeout: Duration,
    /// How long a transaction waits for a connection before it is refused as busy.
    pub acquire_timeout: Duration,
    /// SQLite: how long to wait for another process that holds the file.
    pub busy_timeout: Duration,
    /// PostgreSQL: how long one statement may take.
    pub statement_timeout: Duration,
    /// How long a reading transaction may last; one that is held open keeps a SQLite log from being folded.
    pub read_timeout: Duration,
    /// SQLite: the size of its log, in bytes, from which on it is worth a warning.
    pub wal_limit: u64,
    /// PostgreSQL: the schema that holds the tables, if not the role's default. It must exist.
    pub schema: Option<String>,
}

/// How a connection to PostgreSQL is secured, in the words of its own tools.
#[derive(Debug, Clone, Default)]
pub struct PostgresTls {
    /// `sslmode`: `disable`, `allow`, `prefer` (the default), `require`, `verify-ca` or `verify-full`.
    pub mode: Option<String>,
    /// `sslrootcert`: the authority that signed the server's certificate.
    pub root_cert: Option<PathBuf>,
    /// `sslcert`: our own certificate, where the server asks for one.
    pub cert: Option<PathBuf>,
    /// `sslkey`: the key to it.
    pub key: Option<PathBuf>,
}

impl StoreConfig {
    /// The defaults, with this address.
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            key: None,
            tls: PostgresTls::default(),
            migration_url: None,
            max_connections: 8,
            max_idle_connections: 8,
            connection_max_lifetime: Some(Duration::from_secs(30 * 60)),
            idle_timeout: Duration::from_secs(30),
            connect_timeout: Duration::from_secs(10),
            acquire_timeout: Duration::from_secs(3),
            busy_timeout: Duration::from_secs(5),
            statement_timeout: Duration::from_secs(30),
            read_timeout: Duration::from_secs(60),
            wal_limit: 64 * MIB,
            schema: None,
        }
    }

    /// The address without its credentials, for logs and messages.
    pub fn redacted_url(&self) -> String {
        redacted(&self.url)
    }
}

pub(crate) fn redacted(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else {
        return "(not an address)".to_owned();
    };
    let rest = rest.split('?').next().unwrap_or_default();
    match rest.rsplit_once('@') {
        Some((_, host)) => format!("{scheme}://…@{host}"),
        None => format!("{scheme}://{rest}"),
    }
}

impl fmt::Debug for StoreConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoreConfig")
            .field("url", &self.redacted_url())
            .field("key", &self.key)
            .field(
                "migration_url",
                &self.migration_url.as_deref().map(redacted),
            )
            .field("max_connections", &self.max_connections)
            .field("schema", &self.schema)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_not_shown() {
        let mut config = StoreConfig::new("postgres://me:s@cret@db:5432/h?password=secret");
        assert_eq!(config.redacted_url(), "postgres://…@db:5432/h");
        config.migration_url = Some("postgres://owner:s3cret@db:5432/h".to_owned());
        config.key = EncryptionKey::parse(&"cafe".repeat(16)).ok();
        let shown = format!("{config:?}");
        assert!(
            !shown.contains("cret") && !shown.contains("cafe"),
            "{shown}"
        );
        assert_eq!(
            StoreConfig::new("sqlite:///d/h.db").redacted_url(),
            "sqlite:///d/h.db"
        );
    }
}
