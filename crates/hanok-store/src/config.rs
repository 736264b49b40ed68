//! Where the rows are and how patiently to reach them. Does not read files or the environment.

use std::fmt;
use std::time::Duration;

/// What [`crate::Store::open`] needs to know.
#[derive(Clone)]
pub struct StoreConfig {
    /// `sqlite://PATH` or `postgres://…`.
    pub url: String,
    /// SQLite: readers beside the one writer. PostgreSQL: connections, shared between both kinds.
    pub max_connections: u32,
    /// How long a transaction waits for a connection before it is refused as busy.
    pub acquire_timeout: Duration,
    /// SQLite: how long to wait for another process that holds the file.
    pub busy_timeout: Duration,
    /// PostgreSQL: how long one statement may take.
    pub statement_timeout: Duration,
    /// PostgreSQL: the schema that holds the tables, if not the role's default. It must exist.
    pub schema: Option<String>,
}

impl StoreConfig {
    /// The defaults, with this address.
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            max_connections: 8,
            acquire_timeout: Duration::from_secs(5),
            busy_timeout: Duration::from_secs(5),
            statement_timeout: Duration::from_secs(30),
            schema: None,
        }
    }

    /// The address without its credentials, for logs and messages.
    pub fn redacted_url(&self) -> String {
        let Some((scheme, rest)) = self.url.split_once("://") else {
            return "(not an address)".to_owned();
        };
        let rest = rest.split('?').next().unwrap_or_default();
        match rest.rsplit_once('@') {
            Some((_, host)) => format!("{scheme}://…@{host}"),
            None => format!("{scheme}://{rest}"),
        }
    }
}

impl fmt::Debug for StoreConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoreConfig")
            .field("url", &self.redacted_url())
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
        let config = StoreConfig::new("postgres://me:s@cret@db:5432/h?password=secret");
        assert_eq!(config.redacted_url(), "postgres://…@db:5432/h");
        assert!(!format!("{config:?}").contains("cret"));
        assert_eq!(
            StoreConfig::new("sqlite:///d/h.db").redacted_url(),
            "sqlite:///d/h.db"
        );
    }
}
