//! What the operator decides about accounts.

use std::fmt;

use sha2::{Digest, Sha256};

use crate::mail::MailSettings;
use crate::secret::hex;

/// Who may make an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Registration {
    /// Administrators make them.
    #[default]
    Closed,
    /// Whoever can read mail at an address.
    Open,
    /// The same, and an administrator approves.
    Approval,
    /// Whoever has an invitation.
    Invite,
}

impl Registration {
    /// As set; nothing for another word.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "closed" => Some(Self::Closed),
            "open" => Some(Self::Open),
            "approval" => Some(Self::Approval),
            "invite" => Some(Self::Invite),
            _ => None,
        }
    }

    /// Whether anybody may ask for an account.
    pub fn is_public(self) -> bool {
        matches!(self, Self::Open | Self::Approval)
    }
}

/// The secret that is mixed into every password's hash and never stored beside it; earlier ones are good for
/// passwords that were not used since it changed.
#[derive(Clone)]
pub struct Pepper {
    /// With their names; the first is mixed into what is new.
    keys: Vec<(String, [u8; 32])>,
}

impl Pepper {
    /// A pepper, and earlier ones.
    pub fn new(current: [u8; 32], previous: Vec<[u8; 32]>) -> Self {
        let keys = std::iter::once(current).chain(previous);
        Self {
            keys: keys.map(|key| (name(&key), key)).collect(),
        }
    }

    /// The one for new passwords, with its name.
    pub(super) fn current(&self) -> (&str, &[u8; 32]) {
        (&self.keys[0].0, &self.keys[0].1)
    }

    /// The one of this name.
    pub(super) fn named(&self, wanted: &str) -> Option<&[u8; 32]> {
        let key = self.keys.iter().find(|(name, _)| name == wanted);
        key.map(|(_, key)| key)
    }
}

/// Tells peppers apart and nothing of them.
fn name(key: &[u8; 32]) -> String {
    let mut digest = Sha256::new();
    digest.update(b"hanok pepper name v1\0");
    digest.update(key);
    hex(&digest.finalize()[..4])
}

impl fmt::Debug for Pepper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(redacted)")
    }
}

/// Settings of accounts.
#[derive(Debug, Clone)]
pub struct AccountSettings {
    /// Who may make an account.
    pub registration: Registration,
    /// Fewest characters of a password.
    pub password_min: usize,
    /// bcrypt's cost; less than 12 is for tests alone.
    pub bcrypt_cost: u32,
    /// Mixed into every hash.
    pub pepper: Pepper,
    /// How mail goes out, if it does.
    pub mail: Option<MailSettings>,
}

impl AccountSettings {
    /// Nobody registers, passwords have 12 characters, cost 12, no mail.
    pub fn new(pepper: Pepper) -> Self {
        Self {
            registration: Registration::Closed,
            password_min: 12,
            bcrypt_cost: 12,
            pepper,
            mail: None,
        }
    }
}
