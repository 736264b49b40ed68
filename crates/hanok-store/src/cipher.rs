//! Encrypted SQLite files: the key, and what a file looks like from outside. Does not keep keys, and
//! leaves rows alone.

use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use crate::{Redacted, StoreError};

mod convert;
pub(crate) mod exit;

pub use convert::{decrypt, encrypt, rekey};

const PLAIN: &[u8; 16] = b"SQLite format 3\0";
const PAGE: u64 = 4096;

/// The 32 bytes that an encrypted SQLite file opens with.
#[derive(Clone, PartialEq, Eq)]
pub struct EncryptionKey([u8; 32]);

impl EncryptionKey {
    /// Reads 64 hexadecimal digits; white space around them does not matter.
    pub fn parse(text: &str) -> Result<Self, StoreError> {
        let digits = text.trim().as_bytes();
        let mut key = [0; 32];
        let pairs = digits.chunks_exact(2);
        if digits.len() != 64 {
            return Err(malformed(&format!("it has {} characters", digits.len())));
        }
        for (byte, pair) in key.iter_mut().zip(pairs) {
            let value = |digit: u8| char::from(digit).to_digit(16);
            let (Some(high), Some(low)) = (value(pair[0]), value(pair[1])) else {
                return Err(malformed("it has another character"));
            };
            *byte = u8::try_from(high * 16 + low).unwrap_or_default();
        }
        Ok(Self(key))
    }

    /// The 64 digits, to be kept in a safe place.
    pub fn digits(&self) -> Redacted {
        Redacted::new(self.hex())
    }

    /// As SQL takes it: used as it is, without deriving another from it.
    pub(crate) fn literal(&self) -> String {
        format!("\"x'{}'\"", self.hex())
    }

    fn hex(&self) -> String {
        self.0.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

impl fmt::Debug for EncryptionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(redacted)")
    }
}

fn malformed(why: &str) -> StoreError {
    StoreError::Key(format!(
        "the database key must be 64 hexadecimal digits (32 bytes), and {why}; \
         `openssl rand -hex 32` makes one"
    ))
}

/// What a database file is, by its first bytes and its length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Nature {
    /// Absent, or without a byte in it.
    Empty,
    /// A SQLite file that anyone can read.
    Plain,
    /// Whole pages without a header in clear: encrypted, unless it is damaged.
    Sealed,
    /// Neither.
    Other,
}

pub(crate) fn nature(path: &Path) -> io::Result<Nature> {
    let file = match File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Nature::Empty),
        other => other?,
    };
    let length = file.metadata()?.len();
    let mut head = Vec::new();
    file.take(16).read_to_end(&mut head)?;
    Ok(match length {
        0 => Nature::Empty,
        _ if head == PLAIN => Nature::Plain,
        _ if length.is_multiple_of(PAGE) => Nature::Sealed,
        _ => Nature::Other,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_32_bytes_in_hexadecimal_and_never_shown() {
        let key = EncryptionKey::parse(&format!(" {}\n", "0aF9".repeat(16))).unwrap();
        assert_eq!(key.digits().expose(), "0af9".repeat(16));
        assert_eq!(key.literal(), format!("\"x'{}'\"", "0af9".repeat(16)));
        assert!(!format!("{key:?} {:?}", key.digits()).contains("0af9"));
    }

    #[test]
    fn what_is_no_key_is_refused_without_showing_it() {
        for text in ["", "secret", &"secret!!".repeat(8), &"ab".repeat(33)] {
            let error = EncryptionKey::parse(text).unwrap_err().to_string();
            assert!(error.contains("64 hexadecimal digits"), "{error}");
            assert!(!error.contains("secret"), "{error}");
        }
    }
}
