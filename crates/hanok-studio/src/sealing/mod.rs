//! Secrets at rest: values of rows that are sealed under keys derived from the operator's master key, one
//! for each purpose, and the change of that key. It keeps no key anywhere and knows no meaning of a value.

mod key;
mod rotate;
mod secrets;
mod text;

pub use rotate::{Resealed, SealedUnder};
pub use secrets::Secrets;

use std::fmt;
use std::sync::Arc;

use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce};
use hanok_domain::fault::{Fault, FaultKind};

use key::Master;
use text::Sealed;

/// What a key is for. No key is for two things.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Seeds of one-time codes.
    Totp,
    /// What an identity provider gave us.
    Oidc,
    /// Mixed into passwords before they are hashed.
    PasswordPepper,
    /// Keys of tokens.
    Jwt,
    /// Keys of sessions.
    Session,
    /// The signed head of the audit.
    AuditHead,
    /// Objects.
    Objects,
}

impl Purpose {
    const ALL: [Self; 7] = [
        Self::Totp,
        Self::Oidc,
        Self::PasswordPepper,
        Self::Jwt,
        Self::Session,
        Self::AuditHead,
        Self::Objects,
    ];

    /// Its name, part of what keys are derived from.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Totp => "totp",
            Self::Oidc => "oidc",
            Self::PasswordPepper => "password-pepper",
            Self::Jwt => "jwt",
            Self::Session => "session",
            Self::AuditHead => "audit-head",
            Self::Objects => "objects",
        }
    }

    /// The purpose of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|purpose| purpose.as_str() == name)
    }
}

/// Where a sealed value stands. It opens nowhere else.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// Table.
    pub table: &'a str,
    /// Column.
    pub column: &'a str,
    /// The row's id.
    pub id: &'a str,
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{} of {}", self.table, self.column, self.id)
    }
}

/// Keys of one purpose, for what is not sealed but mixed in or signed.
#[derive(Clone)]
pub struct Derived {
    /// For all that is new.
    pub current: [u8; 32],
    /// For what was made before the master key changed, the newest first.
    pub previous: Vec<[u8; 32]>,
}

impl fmt::Debug for Derived {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Derived(..)")
    }
}

/// Seals under the master key, and opens under that and earlier ones. Cheap to clone.
#[derive(Clone)]
pub struct Sealer {
    /// The first one seals.
    keys: Arc<Vec<Master>>,
}

impl fmt::Debug for Sealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sealer({})", self.key_id())
    }
}

impl Sealer {
    /// From the master key and earlier ones, 64 hexadecimal digits each.
    ///
    /// # Errors
    /// A key that is none; it is not repeated.
    pub fn new(current: &str, previous: &[&str]) -> Result<Self, Fault> {
        let mut keys = vec![Master::from_hex("SECRET_KEY", current)?];
        for key in previous {
            keys.push(Master::from_hex("SECRET_KEY_PREVIOUS", key)?);
        }
        Ok(Self {
            keys: Arc::new(keys),
        })
    }

    /// Names the key that seals; tells nothing of it.
    pub fn key_id(&self) -> &str {
        &self.keys[0].id
    }

    /// Names the keys that only open.
    pub fn previous_ids(&self) -> impl Iterator<Item = &str> {
        self.keys[1..].iter().map(|key| key.id.as_str())
    }

    /// Seals a value for its place.
    ///
    /// # Errors
    /// No random bytes.
    pub fn seal(&self, purpose: Purpose, place: Place<'_>, value: &[u8]) -> Result<String, Fault> {
        let mut nonce = [0u8; 24];
        getrandom::fill(&mut nonce)
            .map_err(|error| Fault::internal(format!("no random bytes: {error}")))?;
        let bound = bound(purpose, place);
        let payload = Payload {
            msg: value,
            aad: &bound,
        };
        let sealed = cipher(&self.keys[0], purpose).encrypt(&XNonce::from(nonce), payload);
        let body = sealed.map_err(|_| Fault::internal("a value could not be sealed"))?;
        let key = self.key_id().to_owned();
        Ok(Sealed { key, nonce, body }.write())
    }

    /// Opens what was sealed for this purpose and place.
    ///
    /// # Errors
    /// A key that is missing, by its name; a value that was changed, or moved here from elsewhere.
    pub fn open(&self, purpose: Purpose, place: Place<'_>, text: &str) -> Result<Vec<u8>, Fault> {
        let broken = || {
            let text = format!("{place} does not open: it was changed, or moved from elsewhere.");
            Fault::new(FaultKind::Internal, "sealed_value_broken", text)
        };
        let sealed = Sealed::read(text).ok_or_else(broken)?;
        let key = self.keys.iter().find(|key| key.id == sealed.key);
        let key = key.ok_or_else(|| self.missing(&place.to_string(), &sealed.key))?;
        let bound = bound(purpose, place);
        let payload = Payload {
            msg: &sealed.body,
            aad: &bound,
        };
        let opened = cipher(key, purpose).decrypt(&XNonce::from(sealed.nonce), payload);
        opened.map_err(|_| broken())
    }

    /// Whether a value has to be sealed anew.
    pub(crate) fn is_current(&self, text: &str) -> bool {
        Sealed::read(text).is_some_and(|sealed| sealed.key == self.key_id())
    }

    /// Keys of a purpose, for what is not sealed.
    pub fn derive(&self, purpose: Purpose) -> Derived {
        let of = |key: &Master| key.derive(b"hanok key v1 ", purpose.as_str());
        Derived {
            current: of(&self.keys[0]),
            previous: self.keys[1..].iter().map(of).collect(),
        }
    }

    pub(crate) fn knows(&self, key: &str) -> bool {
        self.keys.iter().any(|known| known.id == key)
    }

    pub(crate) fn missing(&self, what: &str, key: &str) -> Fault {
        let known: Vec<&str> = self.keys.iter().map(|known| known.id.as_str()).collect();
        let known = known.join(", ");
        let text =
            format!("{what} is sealed under key {key}, and the keys that are set are {known}.");
        Fault::new(FaultKind::Internal, "sealed_key_missing", text).remedy(
            "Set SECRET_KEY, or SECRET_KEY_PREVIOUS, to the key that this installation had.",
        )
    }
}

/// What a value is bound to; each part with its length, so that no two places look alike.
fn bound(purpose: Purpose, place: Place<'_>) -> Vec<u8> {
    let parts = [purpose.as_str(), place.table, place.column, place.id];
    let mut bound = Vec::new();
    for part in parts {
        bound.extend_from_slice(&(part.len() as u64).to_be_bytes());
        bound.extend_from_slice(part.as_bytes());
    }
    bound
}

fn cipher(key: &Master, purpose: Purpose) -> XChaCha20Poly1305 {
    XChaCha20Poly1305::new(&key.derive(b"hanok seal v1 ", purpose.as_str()).into())
}

#[cfg(test)]
mod tests;
