//! Where rows, objects and kept answers are, parsed from resolved values.

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::values::{duration, hex_key, invalid, number, optional, secret, size, switch, text};
use crate::{ConfigError, Resolved, Secret};

/// Where everything is kept.
#[derive(Debug, Clone)]
pub struct Stores {
    /// Rows.
    pub database: Database,
    /// A bucket for objects; without one they are in the data directory.
    pub bucket: Option<Bucket>,
    /// Whether objects are sealed before they are stored.
    pub seal_objects: bool,
    /// Redis for kept answers; without it they are in memory.
    pub redis: Option<Redis>,
    /// Memory for kept answers, bytes.
    pub cache_bytes: u64,
    /// Bytes that the objects of one project may take, if bounded.
    pub quota: Option<u64>,
}

/// The database.
#[derive(Debug, Clone)]
pub struct Database {
    /// `sqlite://PATH` or `postgres://…`, with its password.
    pub url: Secret,
    /// The same with the role that changes the schema.
    pub migration_url: Option<Secret>,
    /// Key of an encrypted SQLite file, 64 hexadecimal digits.
    pub key: Option<Secret>,
    /// `sslmode`.
    pub ssl_mode: Option<String>,
    /// Authority of the server's certificate.
    pub ssl_root_cert: Option<PathBuf>,
    /// Our certificate.
    pub ssl_cert: Option<PathBuf>,
    /// The key to it.
    pub ssl_key: Option<PathBuf>,
    /// Most connections.
    pub max_connections: u32,
    /// Most connections that are kept unused.
    pub max_idle_connections: u32,
    /// How old a connection may become.
    pub max_lifetime: Duration,
    /// How long an unused one is kept.
    pub idle_timeout: Duration,
    /// How long the start waits for the server.
    pub connect_timeout: Duration,
    /// How long one statement may take.
    pub statement_timeout: Duration,
}

/// A bucket of an S3 service.
#[derive(Debug, Clone)]
pub struct Bucket {
    /// Host and port or a URL; empty: AWS.
    pub endpoint: String,
    /// TLS, where the endpoint does not say.
    pub use_ssl: bool,
    /// Its name.
    pub name: String,
    /// What keys begin with.
    pub prefix: String,
    /// Who we are.
    pub access_key: Secret,
    /// The secret to it.
    pub secret_key: Secret,
    /// For credentials that are lent.
    pub session_token: Option<Secret>,
    /// Region.
    pub region: String,
    /// The bucket's name stands in the path, not in the host.
    pub path_style: bool,
    /// Authority of the service's certificate.
    pub ca_file: Option<PathBuf>,
}

/// Redis.
#[derive(Debug, Clone)]
pub struct Redis {
    /// `redis://…` or `rediss://…`.
    pub url: Secret,
    /// Password, if the address has none.
    pub password: Option<Secret>,
    /// Authority of the server's certificate.
    pub ca_file: Option<PathBuf>,
    /// What names begin with.
    pub prefix: String,
}

impl Stores {
    /// Parses resolved values.
    ///
    /// # Errors
    /// The first value that does not parse, with its origin.
    pub fn from_resolved(values: &[Resolved], data: &Path) -> Result<Self, ConfigError> {
        Ok(Self {
            database: database(values, data)?,
            bucket: bucket(values)?,
            seal_objects: switch(values, "OBJECT_ENCRYPTION")?,
            redis: redis(values),
            cache_bytes: size(values, "CACHE_MEMORY")?.unwrap_or_default(),
            quota: size(values, "STORAGE_QUOTA")?,
        })
    }
}

fn database(values: &[Resolved], data: &Path) -> Result<Database, ConfigError> {
    let path = |name| optional(values, name).map(PathBuf::from);
    Ok(Database {
        url: database_url(values, data),
        migration_url: secret(values, "DATABASE_MIGRATION_URL"),
        key: hex_key(values, "DB_ENCRYPTION_KEY")?,
        ssl_mode: optional(values, "DB_SSLMODE"),
        ssl_root_cert: path("DB_SSL_ROOT_CERT"),
        ssl_cert: path("DB_SSL_CERT"),
        ssl_key: path("DB_SSL_KEY"),
        max_connections: number::<u32>(values, "DB_MAX_CONNECTIONS")?.max(2),
        max_idle_connections: number(values, "DB_MAX_IDLE_CONNECTIONS")?,
        max_lifetime: duration(values, "DB_CONNECTION_MAX_LIFETIME")?,
        idle_timeout: duration(values, "DB_IDLE_TIMEOUT")?,
        connect_timeout: duration(values, "DB_CONNECT_TIMEOUT")?,
        statement_timeout: duration(values, "DB_STATEMENT_TIMEOUT")?,
    })
}

fn database_url(values: &[Resolved], data: &Path) -> Secret {
    if let Some(url) = optional(values, "DATABASE_URL") {
        let password = text(values, "DB_PASSWORD");
        return Secret::new(with_password(&url, password));
    }
    let path = match text(values, "DATABASE_PATH") {
        "" => data.join("hanok.db"),
        path => PathBuf::from(path),
    };
    Secret::new(format!("sqlite://{}", path.display()))
}

/// Puts a password into an address that names a user and no password.
fn with_password(url: &str, password: &str) -> String {
    let parts = url.split_once("://").and_then(|(scheme, rest)| {
        let end = rest.find('/').unwrap_or(rest.len());
        let (user, host) = rest[..end].rsplit_once('@')?;
        Some((scheme, user, host, &rest[end..]))
    });
    match parts {
        Some((scheme, user, host, path)) if !password.is_empty() && !user.contains(':') => {
            format!("{scheme}://{user}:{}@{host}{path}", encoded(password))
        }
        _ => url.to_owned(),
    }
}

/// Percent-encodes all but letters and digits.
fn encoded(text: &str) -> String {
    let byte = |byte: &u8| match byte {
        b if b.is_ascii_alphanumeric() => char::from(*b).to_string(),
        b => format!("%{b:02X}"),
    };
    text.as_bytes().iter().map(byte).collect()
}

/// A bucket is used where an endpoint or a name is set.
fn bucket(values: &[Resolved]) -> Result<Option<Bucket>, ConfigError> {
    let first = |names: [&str; 2]| names.iter().find_map(|name| optional(values, name));
    let endpoint = first(["MINIO_ENDPOINT", "AWS_ENDPOINT_URL"]);
    let name = optional(values, "MINIO_BUCKET");
    if endpoint.is_none() && name.is_none() {
        return Ok(None);
    }
    let needed = |names: [&str; 2]| {
        let why = "is missing: objects are to be kept in a bucket";
        first(names)
            .map(Secret::new)
            .ok_or_else(|| invalid(values, names[0], why))
    };
    Ok(Some(Bucket {
        endpoint: endpoint.unwrap_or_default(),
        use_ssl: switch(values, "MINIO_USE_SSL")?,
        name: name.unwrap_or_else(|| "hanok".to_owned()),
        prefix: text(values, "MINIO_PREFIX").to_owned(),
        access_key: needed(["MINIO_USER", "AWS_ACCESS_KEY_ID"])?,
        secret_key: needed(["MINIO_PASSWORD", "AWS_SECRET_ACCESS_KEY"])?,
        session_token: secret(values, "AWS_SESSION_TOKEN"),
        region: text(values, "AWS_REGION").to_owned(),
        path_style: switch(values, "MINIO_PATH_STYLE")?,
        ca_file: optional(values, "MINIO_CA_FILE").map(PathBuf::from),
    }))
}

fn redis(values: &[Resolved]) -> Option<Redis> {
    Some(Redis {
        url: secret(values, "REDIS_URL")?,
        password: secret(values, "REDIS_PASSWORD"),
        ca_file: optional(values, "REDIS_CA_FILE").map(PathBuf::from),
        prefix: text(values, "REDIS_PREFIX").to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_fills_the_place_of_one_that_is_missing() {
        let filled = |url| with_password(url, "p@ss/1");
        assert_eq!(
            filled("postgres://me@db:5432/h?sslmode=require"),
            "postgres://me:p%40ss%2F1@db:5432/h?sslmode=require"
        );
        for whole in ["postgres://me:own@db/h", "postgres://db/h", "sqlite:///a@b"] {
            assert_eq!(filled(whole), whole);
        }
    }
}
