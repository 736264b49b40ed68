//! Where a move begins and where it goes, from the settings, the flags and the environment. Opens objects;
//! databases are opened by whoever moves them.

use std::path::PathBuf;

use hanok_blobs::{ObjectError, Objects, S3Settings};
use hanok_config::Settings;
use hanok_domain::fault::Fault;
use hanok_store::{EncryptionKey, StoreConfig};

use super::{of_fault, of_store};
use crate::cli::{CliError, Failure, Flags};
use crate::stores;

/// Flags that name a bucket.
#[derive(Debug, Clone, clap::Args)]
pub struct BucketArgs {
    /// Move objects to this bucket of an S3 service; it is made if it is missing.
    #[arg(long, value_name = "NAME", help_heading = "Objects")]
    pub to_bucket: Option<String>,
    /// Where the service answers, `host:port` or a URL [env: MINIO_ENDPOINT].
    #[arg(
        long,
        value_name = "HOST",
        help_heading = "Objects",
        requires = "to_bucket"
    )]
    pub to_endpoint: Option<String>,
    /// The name of the credential [env: MINIO_USER]; its secret is read from MINIO_PASSWORD.
    #[arg(
        long,
        value_name = "NAME",
        help_heading = "Objects",
        requires = "to_bucket"
    )]
    pub to_user: Option<String>,
}

impl BucketArgs {
    /// The flags as settings, so that all else that is set of the service holds for it.
    pub fn flags(&self, flags: Flags) -> Flags {
        flags
            .with("MINIO_BUCKET", self.to_bucket.as_ref())
            .with("MINIO_ENDPOINT", self.to_endpoint.as_ref())
            .with("MINIO_USER", self.to_user.as_ref())
    }

    /// The bucket that objects go to, if they go.
    pub fn target(&self, settings: &Settings) -> Result<Option<S3Settings>, CliError> {
        let bucket = settings.stores.bucket.as_ref();
        let Some(bucket) = bucket.filter(|_| self.to_bucket.is_some()) else {
            return Ok(None);
        };
        let s3 = stores::bucket(bucket);
        let checked = s3.check();
        checked.map_err(|error| CliError::usage(error.to_string()))?;
        Ok(Some(s3))
    }
}

/// Objects in that bucket; what is on its way there passes through the data directory.
pub fn target_objects(settings: &Settings, s3: S3Settings) -> Result<Objects, CliError> {
    open_objects(settings, Some(s3))
}

/// The objects of the installation as it is: a bucket in the settings is where they go.
pub fn source_objects(settings: &Settings) -> Result<Objects, CliError> {
    open_objects(settings, None)
}

fn open_objects(settings: &Settings, s3: Option<S3Settings>) -> Result<Objects, CliError> {
    let how = hanok_blobs::Settings {
        s3,
        ..stores::objects(settings).map_err(of_fault)?
    };
    Objects::open_with(&settings.data, how).map_err(of_place)
}

/// Whoever moves an installation may know which service does not answer, and why.
fn of_place(error: ObjectError) -> CliError {
    let detail = match &error {
        ObjectError::Unavailable { .. } => Some(format!("{error}.")),
        _ => None,
    };
    let mut fault = Fault::from(error);
    if let Some(detail) = detail {
        fault.message = detail;
    }
    of_fault(fault)
}

/// The database of the installation as it is.
pub fn source_database(settings: &Settings) -> Result<StoreConfig, CliError> {
    if let Ok(path) = sqlite_file(settings)
        && !path.exists()
    {
        let text = format!("There is no database at {}.", path.display());
        return Err(Failure::new(text).code("database_missing").into());
    }
    stores::database(&settings.stores).map_err(of_fault)
}

/// The database that the rows go to.
pub fn target_database(url: &str) -> Result<StoreConfig, CliError> {
    let known = ["postgres://", "postgresql://", "sqlite://"];
    if !known.iter().any(|scheme| url.starts_with(scheme)) {
        return Err(CliError::usage(
            "--to takes an address that begins with postgres:// or sqlite://",
        ));
    }
    let mut config = StoreConfig::new(url);
    if url.starts_with("sqlite://") {
        config.key = key("DB_ENCRYPTION_KEY")?;
    } else {
        config.migration_url = variable("DATABASE_MIGRATION_URL")?;
    }
    Ok(config)
}

/// The SQLite file that the settings name.
pub fn sqlite_file(settings: &Settings) -> Result<PathBuf, CliError> {
    let url = settings.stores.database.url.expose();
    url.strip_prefix("sqlite://")
        .map(PathBuf::from)
        .ok_or_else(|| {
            Failure::new("The database is not a SQLite file: PostgreSQL encrypts by its own means.")
                .code("not_sqlite")
                .into()
        })
}

/// A key in the environment.
pub fn key(name: &str) -> Result<Option<EncryptionKey>, CliError> {
    let digits = variable(name)?;
    let key = digits.map(|digits| EncryptionKey::parse(&digits));
    key.transpose().map_err(of_store)
}

/// A variable, or the content of the file that `NAME_FILE` names; an empty one counts as unset.
fn variable(name: &str) -> Result<Option<String>, CliError> {
    let set = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    if let Some(value) = set(name) {
        return Ok(Some(value));
    }
    let Some(path) = set(&format!("{name}_FILE")) else {
        return Ok(None);
    };
    let content = std::fs::read_to_string(&path)
        .map_err(|error| CliError::usage(format!("{name}_FILE ({path}): {error}")))?;
    Ok(Some(content.trim_end().to_owned()))
}

/// An address as it may be printed: without what opens the database.
pub fn masked(url: &str) -> String {
    let (address, query) = match url.split_once('?') {
        Some((address, query)) => (address, Some(query)),
        None => (url, None),
    };
    let address = match (address.split_once("://"), address.rsplit_once('@')) {
        (Some((scheme, rest)), Some((_, host))) => {
            let user = rest.split(['@', ':']).next().unwrap_or_default();
            let secret = rest[..rest.len() - host.len() - 1].contains(':');
            let secret = if secret { ":********" } else { "" };
            format!("{scheme}://{user}{secret}@{host}")
        }
        _ => address.to_owned(),
    };
    let Some(query) = query else {
        return address;
    };
    let part = |part: &str| match part.split_once('=') {
        Some((name @ ("password" | "sslpassword"), _)) => format!("{name}=********"),
        _ => part.to_owned(),
    };
    let parts: Vec<String> = query.split('&').map(part).collect();
    format!("{address}?{}", parts.join("&"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_masked_wherever_they_stand() {
        for (url, shown) in [
            ("sqlite:///d/h.db", "sqlite:///d/h.db"),
            ("postgres://db/h", "postgres://db/h"),
            ("postgres://me@db/h", "postgres://me@db/h"),
            (
                "postgres://me:s@cr:et@db:5432/h?sslmode=require",
                "postgres://me:********@db:5432/h?sslmode=require",
            ),
            (
                "postgres://db/h?user=me&password=secret",
                "postgres://db/h?user=me&password=********",
            ),
        ] {
            assert_eq!(masked(url), shown);
        }
    }
}
