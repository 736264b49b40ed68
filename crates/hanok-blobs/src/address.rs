//! Addresses: HMAC-SHA-256 of the content under the project's key, so that equal content is
//! stored once within a project and tells nothing to another one.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use crate::ObjectError;

const ADDRESS_LENGTH: usize = 64;

/// A project's id and the key that addresses its objects.
#[derive(Clone)]
pub struct ProjectKey {
    /// `proj_…`; a folder's name.
    pub id: String,
    /// The object key.
    pub key: [u8; 32],
}

impl ProjectKey {
    /// From the id and 64 hex digits.
    pub fn from_hex(id: &str, key: &str) -> Result<Self, ObjectError> {
        let invalid = || ObjectError::InvalidName {
            what: "object key of project",
            name: id.to_string(),
        };
        if key.len() != 64 || !key.is_ascii() {
            return Err(invalid());
        }
        let mut bytes = [0u8; 32];
        for (at, byte) in bytes.iter_mut().enumerate() {
            *byte = u8::from_str_radix(&key[2 * at..2 * at + 2], 16).map_err(|_| invalid())?;
        }
        Ok(Self {
            id: id.to_string(),
            key: bytes,
        })
    }
}

impl fmt::Debug for ProjectKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProjectKey")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

/// An object by address and length.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ObjectRef {
    /// 64 lower-case hex digits.
    pub hash: String,
    /// Bytes.
    pub size: u64,
}

/// The address that `content` has in the project.
pub fn address_of(project: &ProjectKey, content: &[u8]) -> String {
    let mut addresser = Addresser::new(project);
    addresser.update(content);
    addresser.finish()
}

/// An address in the making.
pub(crate) struct Addresser(Hmac<Sha256>);

impl Addresser {
    pub(crate) fn new(project: &ProjectKey) -> Self {
        // `Key` has the block's length; a 32-byte key is padded with zeros, as RFC 2104 says.
        let mut block = hmac::digest::Key::<Hmac<Sha256>>::default();
        block[..32].copy_from_slice(&project.key);
        Self(<Hmac<Sha256> as KeyInit>::new(&block))
    }

    pub(crate) fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    pub(crate) fn finish(self) -> String {
        let digest = self.0.finalize().into_bytes();
        digest.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// Ids become folder names: only what cannot leave its folder passes.
pub(crate) fn check_project(id: &str) -> Result<(), ObjectError> {
    let fits = (1..=64).contains(&id.len())
        && id
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
    if fits {
        Ok(())
    } else {
        Err(ObjectError::InvalidName {
            what: "project",
            name: id.to_string(),
        })
    }
}

/// How an object's bytes are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Plain,
    Sealed,
}

/// Where an object stands: its project, its address and its form. Checked when made, so that
/// nothing else can become a path or a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Name {
    pub(crate) project: String,
    pub(crate) hash: String,
    pub(crate) form: Form,
}

const SEALED: &str = ".sealed";

impl Name {
    pub(crate) fn new(project: &str, hash: &str, form: Form) -> Result<Self, ObjectError> {
        check_project(project)?;
        check_address(hash)?;
        Ok(Self {
            project: project.to_string(),
            hash: hash.to_string(),
            form,
        })
    }

    /// The last part of its path or key. The suffix tells the forms apart, so that no content
    /// is ever taken for a sealed object because of how it begins.
    pub(crate) fn file(&self) -> String {
        match self.form {
            Form::Plain => self.hash.clone(),
            Form::Sealed => format!("{}{SEALED}", self.hash),
        }
    }

    /// The folder inside the project's.
    pub(crate) fn shard(&self) -> &str {
        &self.hash[..2]
    }
}

/// Reads what [`Name::file`] wrote.
pub(crate) fn parse_file(file: &str) -> Option<(&str, Form)> {
    let (hash, form) = match file.strip_suffix(SEALED) {
        Some(hash) => (hash, Form::Sealed),
        None => (file, Form::Plain),
    };
    is_address(hash).then_some((hash, form))
}

pub(crate) fn is_address(hash: &str) -> bool {
    hash.len() == ADDRESS_LENGTH
        && hash
            .bytes()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

pub(crate) fn check_address(hash: &str) -> Result<(), ObjectError> {
    if is_address(hash) {
        Ok(())
    } else {
        Err(ObjectError::InvalidName {
            what: "object",
            name: hash.to_string(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn address_is_hmac_sha256() {
        // RFC 4231 has no 32-byte key; computed with Python's hmac module.
        let project = ProjectKey {
            id: "proj_a".into(),
            key: [0x0b; 32],
        };
        assert_eq!(
            address_of(&project, b"Hi There"),
            "198a607eb44bfbc69903a0f1cf2bbdc5ba0aa3f3d9ae3c1c7a3b1696a0b68cf7"
        );
    }

    #[test]
    fn keys_come_from_hex_only() {
        let key = ProjectKey::from_hex("proj_a", &"0b".repeat(32)).unwrap();
        assert_eq!(key.key, [0x0b; 32]);
        assert!(ProjectKey::from_hex("proj_a", &"0b".repeat(31)).is_err());
        assert!(ProjectKey::from_hex("proj_a", &"zz".repeat(32)).is_err());
        assert!(ProjectKey::from_hex("proj_a", &format!("a{}", "한".repeat(21))).is_err());
    }

    #[test]
    fn debug_shows_no_key() {
        let key = ProjectKey {
            id: "proj_a".into(),
            key: [0xab; 32],
        };
        assert_eq!(format!("{key:?}"), "ProjectKey { id: \"proj_a\", .. }");
    }

    #[test]
    fn names_that_leave_their_folder_are_refused() {
        for id in ["", "..", "a/b", "a\\b", ".", "A", "a\0", &"a".repeat(65)] {
            assert!(check_project(id).is_err(), "{id:?}");
        }
        assert!(check_project("proj_01jd0000000000000000000000").is_ok());
        for hash in [
            "",
            "..",
            &"A".repeat(64),
            &"a".repeat(63),
            "../../etc/passwd",
        ] {
            assert!(check_address(hash).is_err(), "{hash:?}");
        }
    }
}
