//! Keys of sealed objects: the operator's master key, a project's, one object's.

use std::fmt;

use chacha20poly1305::{ChaCha20Poly1305, KeyInit};
use hkdf::Hkdf;
use sha2::Sha256;

use super::{MAGIC, MARK_LENGTH};
use crate::{ObjectError, ProjectKey};

/// The operator's key: with encryption on, every project's data key comes from it and from the
/// project's own secret. Neither alone opens anything, so that destroying a project's secret
/// destroys its objects, in every copy that there is of them.
#[derive(Clone)]
pub struct SealKey([u8; 32]);

impl SealKey {
    /// From 32 random bytes.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// From 64 hex digits.
    ///
    /// # Errors
    /// Any other text; it is not repeated in the message.
    pub fn from_hex(text: &str) -> Result<Self, ObjectError> {
        match ProjectKey::from_hex("seal", text.trim()) {
            Ok(key) => Ok(Self(key.key)),
            Err(_) => Err(ObjectError::Misconfigured {
                setting: "encryption key",
                why: "it has to be 64 hex digits; `openssl rand -hex 32` makes one".into(),
            }),
        }
    }

    pub(crate) fn of(&self, project: &ProjectKey) -> ProjectSeal {
        let master = Hkdf::<Sha256>::new(Some(&self.0), &project.key);
        let key = expand(&master, &[b"hanok object seal v1 ", project.id.as_bytes()]);
        let of_key = Hkdf::<Sha256>::new(None, &key);
        let mut mark = [0; MARK_LENGTH];
        mark.copy_from_slice(&expand(&of_key, &[b"mark"])[..MARK_LENGTH]);
        ProjectSeal { key, mark }
    }
}

impl fmt::Debug for SealKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SealKey(..)")
    }
}

/// The data key of a project. Its mark stands in every header, so that a wrong key is told from
/// damaged content.
#[derive(Clone)]
pub(crate) struct ProjectSeal {
    key: [u8; 32],
    pub(super) mark: [u8; MARK_LENGTH],
}

impl ProjectSeal {
    /// The cipher of the one object that has this salt.
    pub(super) fn cipher(&self, salt: &[u8]) -> ChaCha20Poly1305 {
        let salted = Hkdf::<Sha256>::new(Some(salt), &self.key);
        let key = expand(&salted, &[&MAGIC, b"object"]);
        ChaCha20Poly1305::new(&key.into())
    }
}

fn expand(from: &Hkdf<Sha256>, info: &[&[u8]]) -> [u8; 32] {
    let mut key = [0; 32];
    // HKDF-SHA256 refuses only more than 8160 bytes.
    let expanded = from.expand_multi_info(info, &mut key);
    debug_assert!(expanded.is_ok());
    key
}

#[cfg(test)]
mod tests {
    use super::*;

    fn project(id: &str, byte: u8) -> ProjectKey {
        ProjectKey {
            id: id.into(),
            key: [byte; 32],
        }
    }

    #[test]
    fn a_data_key_needs_master_project_and_secret() {
        let master = SealKey::new([1; 32]);
        let key = |master: &SealKey, project: &ProjectKey| master.of(project).key;
        let ours = key(&master, &project("proj_a", 2));
        assert_eq!(ours, key(&master.clone(), &project("proj_a", 2)));
        assert_ne!(ours, [0; 32]);
        assert_ne!(ours, key(&SealKey::new([3; 32]), &project("proj_a", 2)));
        assert_ne!(ours, key(&master, &project("proj_a", 3)));
        assert_ne!(ours, key(&master, &project("proj_b", 2)));
    }

    #[test]
    fn keys_are_read_and_never_shown() {
        let key = SealKey::from_hex(&format!("{}\n", "ab".repeat(32))).unwrap();
        assert_eq!(key.0, [0xab; 32]);
        assert_eq!(format!("{key:?}"), "SealKey(..)");
        let error = SealKey::from_hex("secret123").unwrap_err().to_string();
        assert!(!error.contains("secret123"), "{error}");
    }
}
