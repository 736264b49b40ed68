//! Secrets of the installation, parsed from resolved values. What is set is strong or refused; what is not
//! set is made and kept by whoever starts the server, who refuses that in production.

use crate::values::{entry, hex_key, invalid, secret, text};
use crate::{ConfigError, Resolved, Secret, Source};

/// Secrets that an installation signs and seals with.
#[derive(Debug, Clone)]
pub struct Secrets {
    /// Master key of what is sealed, 64 hexadecimal digits.
    pub key: Option<Secret>,
    /// Earlier master keys: they open and never seal.
    pub previous: Vec<Secret>,
    /// Keys of sealed objects, for a worker, which has no business with the master key; the first one seals.
    pub object_keys: Vec<Secret>,
    /// Signs tokens.
    pub jwt: Option<Secret>,
    /// Signs what a browser keeps.
    pub session: Option<Secret>,
}

/// Fewest bytes of a secret that signs: as many as SHA-256 has.
const SHORTEST: usize = 32;
/// Fewest different characters; 32 random ones have more in any usual alphabet.
const FEWEST: usize = 8;
/// What examples and guides put in the place of a secret.
const KNOWN: [&str; 22] = [
    "12345678",
    "abcdefgh",
    "change-in",
    "change-me",
    "change-this",
    "change_in",
    "change_me",
    "change_this",
    "changeit",
    "changeme",
    "default",
    "development",
    "example",
    "insecure",
    "password",
    "placeholder",
    "qwerty",
    "replace-",
    "replace_",
    "secret",
    "your-",
    "your_",
];

impl Secrets {
    /// Parses resolved values.
    ///
    /// # Errors
    /// A secret that can be guessed, with the exact fix.
    pub fn from_resolved(values: &[Resolved]) -> Result<Self, ConfigError> {
        Ok(Self {
            key: hex_key(values, "SECRET_KEY")?,
            previous: key_list(values, "SECRET_KEY_PREVIOUS")?,
            object_keys: key_list(values, "HANOK_OBJECT_KEYS")?,
            jwt: signing(values, "JWT_SECRET")?,
            session: signing(values, "SESSION_SECRET")?,
        })
    }
}

fn key_list(values: &[Resolved], name: &str) -> Result<Vec<Secret>, ConfigError> {
    let keys = text(values, name).split(',').map(str::trim);
    let keys = keys.filter(|key| !key.is_empty()).map(|key| {
        let hex = key.len() == 64 && key.bytes().all(|byte| byte.is_ascii_hexdigit());
        hex.then(|| Secret::new(key)).ok_or_else(|| {
            let why = "has a key that is not 64 hexadecimal digits; keys are separated by commas";
            invalid(values, name, why)
        })
    });
    keys.collect()
}

fn signing(values: &[Resolved], name: &str) -> Result<Option<Secret>, ConfigError> {
    let set = entry(values, name).is_some_and(|entry| entry.source != Source::Default);
    let wrong = |why: &str| {
        let reason = format!("{why}; make one: openssl rand -hex 32");
        Err(invalid(values, name, &reason))
    };
    let Some(secret) = secret(values, name) else {
        return if set { wrong("is blank") } else { Ok(None) };
    };
    let text = secret.expose();
    if text.len() < SHORTEST {
        return wrong("is shorter than 32 bytes");
    }
    let lower = text.to_lowercase();
    let mut different: Vec<char> = lower.chars().collect();
    different.sort_unstable();
    different.dedup();
    if different.len() < FEWEST || KNOWN.iter().any(|known| lower.contains(known)) {
        return wrong("can be guessed");
    }
    Ok(Some(secret))
}
