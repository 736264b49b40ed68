//! The secrets of an installation: as the settings have them, or those that it made for itself and keeps in
//! `secrets/`. In production nothing is kept beside what it opens.

use std::path::Path;

use hanok_config::{Secret, Settings};
use hanok_domain::fault::{Fault, FaultKind};
use hanok_studio::sealing::{Purpose, Sealer, Secrets};

use crate::compose::write_private;
use crate::stores::refused;

/// What to write where a secret is missing.
const FIX: &str = "make one with `openssl rand -hex 32`";

/// Everything that the studio seals and signs with.
///
/// # Errors
/// In production a secret that is not set; elsewhere one that cannot be kept.
pub fn gather(settings: &Settings) -> Result<Secrets, Fault> {
    let secrets = &settings.secrets;
    Ok(Secrets {
        sealer: sealer(settings)?,
        jwt: signing(settings, "JWT_SECRET", secrets.jwt.as_ref())?,
        session: signing(settings, "SESSION_SECRET", secrets.session.as_ref())?,
    })
}

fn sealer(settings: &Settings) -> Result<Sealer, Fault> {
    let previous = settings.secrets.previous.iter().map(Secret::expose);
    Sealer::new(&master_key(settings)?, &previous.collect::<Vec<_>>())
}

/// The keys that objects are sealed with, of the present master key first: as a worker was given them, or as
/// they come from the master key.
///
/// # Errors
/// As [`master_key`].
pub fn object_keys(settings: &Settings) -> Result<Vec<String>, Fault> {
    let given = &settings.secrets.object_keys;
    if !given.is_empty() {
        return Ok(given.iter().map(|key| key.expose().to_owned()).collect());
    }
    let derived = sealer(settings)?.derive(Purpose::Objects);
    let keys = std::iter::once(derived.current).chain(derived.previous);
    Ok(keys.map(|key| hex(&key)).collect())
}

/// The master key: as set, or the one of the data directory, which is made when it is first needed.
///
/// # Errors
/// As [`gather`]; also a key that is gone while objects are sealed with it.
fn master_key(settings: &Settings) -> Result<String, Fault> {
    if let Some(key) = &settings.secrets.key {
        return Ok(key.expose().to_owned());
    }
    if settings.production {
        let why = "the key of what is sealed is not kept beside it";
        return Err(missing("SECRET_KEY", why));
    }
    let path = settings.data.join("secrets").join("secret-key");
    match kept(&path)? {
        Some(key) => Ok(key),
        None => {
            refuse_a_second_key(settings)?;
            made(&path)
        }
    }
}

fn signing(settings: &Settings, name: &str, set: Option<&Secret>) -> Result<Vec<u8>, Fault> {
    if let Some(secret) = set {
        return Ok(secret.expose().as_bytes().to_vec());
    }
    if settings.production {
        return Err(missing(name, "what signs is not kept beside what it signs"));
    }
    let file = name.to_lowercase().replace('_', "-");
    let path = settings.data.join("secrets").join(file);
    let secret = match kept(&path)? {
        Some(secret) => secret,
        None => made(&path)?,
    };
    Ok(secret.into_bytes())
}

fn missing(name: &str, why: &str) -> Fault {
    refused(name, &format!("is missing: in production {why}; {FIX}"))
}

/// A secret that was kept; one that is cut short is not replaced behind anyone's back.
fn kept(path: &Path) -> Result<Option<String>, Fault> {
    match std::fs::read_to_string(path) {
        Ok(text) if text.trim().len() == 64 => Ok(Some(text.trim().to_owned())),
        Ok(_) => {
            let text = format!("{} does not hold 64 hexadecimal digits.", path.display());
            let fault = Fault::new(FaultKind::Invalid, "secret_key", text);
            Err(fault.remedy("Bring it back from a backup."))
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(unusable(path, &error)),
    }
}

fn made(path: &Path) -> Result<String, Fault> {
    let mut bytes = [0u8; 32];
    getrandom::fill(&mut bytes).map_err(|e| Fault::internal(format!("no random bytes: {e}")))?;
    let secret = hex(&bytes);
    write_private(path, &format!("{secret}\n")).map_err(|error| unusable(path, &error))?;
    Ok(secret)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unusable(path: &Path, error: &std::io::Error) -> Fault {
    let text = format!("{}: {error}.", path.display());
    Fault::new(FaultKind::Invalid, "secret_key", text)
}

/// A key that is gone while sealed objects are there is a loss to be told, not a reason for a new one; of a
/// bucket that several may use nobody here knows.
fn refuse_a_second_key(settings: &Settings) -> Result<(), Fault> {
    if settings.stores.bucket.is_some() && settings.stores.seal_objects {
        let why = "is missing: what is sealed in a bucket needs a key that is kept apart from this machine";
        return Err(refused("SECRET_KEY", why));
    }
    let folder = settings.data.join("objects");
    let projects = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let shelves = projects.flat_map(|place| std::fs::read_dir(place.path()).into_iter().flatten());
    let files = shelves
        .flatten()
        .flat_map(|place| std::fs::read_dir(place.path()).into_iter().flatten());
    let sealed = |file: std::fs::DirEntry| file.path().extension().is_some_and(|e| e == "sealed");
    if files.flatten().any(sealed) {
        let why = "is missing, and objects are sealed with it: bring secrets/secret-key back";
        return Err(refused("SECRET_KEY", why));
    }
    Ok(())
}
