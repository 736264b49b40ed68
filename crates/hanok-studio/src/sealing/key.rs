//! A master key, what it is called, and what is derived from it.

use hanok_domain::fault::{Fault, FaultKind};
use hkdf::Hkdf;
use sha2::Sha256;

use super::text::from_hex;
use crate::secret::hex;

/// The operator's key.
pub(super) struct Master {
    key: [u8; 32],
    /// Names it in what it sealed; derived, so that it tells nothing of the key.
    pub(super) id: String,
}

impl Master {
    pub(super) fn from_hex(setting: &str, text: &str) -> Result<Self, Fault> {
        let key = from_hex(text.trim()).and_then(|bytes| bytes.try_into().ok());
        let key: [u8; 32] = key.ok_or_else(|| {
            let text = format!("{setting} is not 32 bytes as 64 hexadecimal digits.");
            Fault::new(FaultKind::Invalid, "invalid_setting", text)
                .remedy("`openssl rand -hex 32` makes one.")
        })?;
        let mut master = Self {
            key,
            id: String::new(),
        };
        master.id = hex(&master.derive(b"hanok key id v1", "")[..6]);
        Ok(master)
    }

    /// A key for one thing alone.
    pub(super) fn derive(&self, label: &[u8], purpose: &str) -> [u8; 32] {
        let mut key = [0; 32];
        let expanded = Hkdf::<Sha256>::new(None, &self.key)
            .expand_multi_info(&[label, purpose.as_bytes()], &mut key);
        // HKDF-SHA256 refuses only more than 8160 bytes.
        debug_assert!(expanded.is_ok());
        key
    }
}
