//! The one place that picks database, objects, kept answers and worker timing from the settings.

use std::path::Path;

use hanok_blobs::{ObjectError, Objects};
use hanok_config::Settings;
use hanok_domain::fault::{Fault, FaultKind};
use hanok_remote::{Config as RemoteConfig, Exceptions, Remote};
use hanok_store::Store;
use hanok_studio::audit::{HeadKey, Heads};
use hanok_studio::models::Starter;
use hanok_studio::sealing::{Purpose, Sealer};
use hanok_studio::{Studio, StudioParts, Timing};

use crate::{accounts, credentials, secrets, stores};

/// Builds the studio over the stores that the settings name.
///
/// # Errors
/// A database or a data directory that cannot be used, in a sentence that says what to do.
pub async fn studio(settings: &Settings, timing: Timing) -> Result<Studio, Fault> {
    let config = stores::database(&settings.stores)?;
    refuse_without_database(settings)?;
    let store = Store::open(&config)
        .await
        .map_err(|error| Fault::internal(format!("{}: {error}", config.redacted_url())))?;
    let place = (settings.data.clone(), stores::objects(settings)?);
    let objects = tokio::task::spawn_blocking(move || Objects::open_with(place.0, place.1));
    let objects = objects
        .await
        .map_err(|e| Fault::internal(format!("the objects were not opened: {e}")))?
        .map_err(|error| unusable_objects(settings, error))?;
    let secrets = secrets::gather(settings)?;
    let heads = audit_heads(settings, &secrets.sealer);
    let accounts = accounts::settings(settings, &secrets.sealer);
    let credentials = credentials::credentials(settings, &secrets.jwt)?;
    let studio = Studio::new(StudioParts {
        store,
        objects,
        cache: stores::cache(&settings.stores)?,
        quota: settings.stores.quota,
        secrets,
        remote: remote(settings)?,
        timing,
        starters: starters(),
        credentials,
        accounts,
    });
    studio.keep_audit_heads(heads);
    Ok(studio)
}

/// The key that signs the audit log's head, and the file that it is kept in.
fn audit_heads(settings: &Settings, sealer: &Sealer) -> Heads {
    let keys = sealer.derive(Purpose::AuditHead);
    let key = HeadKey::new(keys.current, keys.previous);
    Heads::new(key, settings.audit.head_file.clone())
}

/// The way to other machines, with the exceptions that the settings make.
///
/// # Errors
/// An exception that is no host.
fn remote(settings: &Settings) -> Result<Remote, Fault> {
    let allowed = Exceptions::parse(&settings.private_hosts).map_err(|entry| {
        let text = format!("HANOK_ALLOW_PRIVATE_HOSTS: '{entry}' is no host.");
        Fault::new(FaultKind::Invalid, "invalid_setting", text)
            .remedy("Write host, host:port, 10.0.0.5:8080 or [fd00::1]:8080, separated by commas.")
    })?;
    Remote::new(RemoteConfig {
        allowed,
        ..RemoteConfig::default()
    })
}

/// Like [`studio`], over a database that must be there already.
///
/// # Errors
/// Also when there is none: a look must not make one.
pub async fn existing(settings: &Settings, timing: Timing) -> Result<Studio, Fault> {
    if let Some(path) = sqlite_file(settings)
        && !path.exists()
    {
        return Err(no_database(path, "there is no such file"));
    }
    studio(settings, timing).await
}

/// Whoever starts a server may know the whole reason, unlike those it serves.
fn unusable_objects(settings: &Settings, error: ObjectError) -> Fault {
    let message = error.to_string();
    let fault = Fault {
        message,
        ..error.into()
    };
    match settings.stores.bucket {
        Some(_) => {
            fault.remedy("Check MINIO_ENDPOINT, MINIO_BUCKET, MINIO_USER and MINIO_PASSWORD.")
        }
        None => fault,
    }
}

/// A database that is gone while objects are there is a loss to be told, not a fresh start.
fn refuse_without_database(settings: &Settings) -> Result<(), Fault> {
    let Some(path) = sqlite_file(settings) else {
        return Ok(());
    };
    let length = std::fs::metadata(path).map_or(0, |found| found.len());
    let objects = std::fs::read_dir(settings.data.join("objects"));
    if length == 0 && objects.is_ok_and(|mut entries| entries.next().is_some()) {
        return Err(no_database(
            path,
            "it is gone or empty, and objects are there",
        ));
    }
    Ok(())
}

fn sqlite_file(settings: &Settings) -> Option<&Path> {
    let url = settings.stores.database.url.expose();
    url.strip_prefix("sqlite://").map(Path::new)
}

fn no_database(path: &Path, why: &str) -> Fault {
    let text = format!("The database {} cannot be used: {why}.", path.display());
    Fault::new(FaultKind::Invalid, "database_missing", text)
        .remedy("Restore it from a backup; or, to begin anew, name another folder with --data.")
}

/// The models that the workers of this program have built in.
fn starters() -> Vec<Starter> {
    let shipped = hanok_worker::starters().into_iter();
    shipped
        .map(|facts| Starter {
            name: facts.name,
            kind: facts.kind,
            architecture: facts.architecture,
            context_length: facts.context_length,
        })
        .collect()
}

/// What a data directory holds, beside the database: `run` has sockets and addresses of what runs now.
const FOLDERS: [&str; 8] = [
    "", "logs", "models", "objects", "run", "runs", "secrets", "tmp",
];

/// Makes the data directory and its folders, private to this user.
pub fn data_directory(data: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
    for folder in FOLDERS {
        let folder = data.join(folder);
        std::fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&folder)?;
        std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o700))?;
    }
    Ok(())
}

/// Writes a private file whole or not at all.
pub fn write_private(path: &Path, content: &str) -> std::io::Result<()> {
    use std::io::Write;
    use std::os::unix::fs::OpenOptionsExt;
    let part = path.with_extension("part");
    let mut file = std::fs::OpenOptions::new()
        .create(true)
        .truncate(true)
        .write(true)
        .mode(0o600)
        .open(&part)?;
    file.write_all(content.as_bytes())?;
    file.sync_all()?;
    std::fs::rename(&part, path)
}
