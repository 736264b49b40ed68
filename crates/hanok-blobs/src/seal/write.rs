//! Content on its way into a sealed object.

use chacha20poly1305::ChaCha20Poly1305;
use chacha20poly1305::aead::AeadInOut;

use super::{CHUNK_LENGTH, HEADER_LENGTH, MAGIC, ProjectSeal, SALT_LENGTH, nonce};
use crate::ObjectError;
use crate::staged::random_bytes;

pub(crate) struct Sealer {
    cipher: ChaCha20Poly1305,
    header: Option<Vec<u8>>,
    /// Content that no chunk holds yet: it is not known whether it is the last.
    pending: Vec<u8>,
    number: u64,
}

impl Sealer {
    pub(crate) fn new(key: &ProjectSeal) -> Result<Self, ObjectError> {
        let mut salt = [0; SALT_LENGTH];
        random_bytes(&mut salt)?;
        let mut header = Vec::with_capacity(HEADER_LENGTH);
        header.extend_from_slice(&MAGIC);
        header.extend_from_slice(&key.mark);
        header.extend_from_slice(&salt);
        Ok(Self {
            cipher: key.cipher(&salt),
            header: Some(header),
            pending: Vec::with_capacity(CHUNK_LENGTH),
            number: 0,
        })
    }

    /// Takes content, gives what of it is sealed.
    pub(crate) fn update(&mut self, mut content: &[u8]) -> Vec<u8> {
        let mut sealed = self.header.take().unwrap_or_default();
        while !content.is_empty() {
            if self.pending.len() == CHUNK_LENGTH {
                self.chunk(false, &mut sealed);
            }
            let room = CHUNK_LENGTH - self.pending.len();
            let (now, later) = content.split_at(room.min(content.len()));
            self.pending.extend_from_slice(now);
            content = later;
        }
        sealed
    }

    /// What is left, marked as the end.
    pub(crate) fn finish(mut self) -> Vec<u8> {
        let mut sealed = self.header.take().unwrap_or_default();
        self.chunk(true, &mut sealed);
        sealed
    }

    fn chunk(&mut self, last: bool, sealed: &mut Vec<u8>) {
        let nonce = nonce(self.number, last);
        let done =
            self.cipher
                .encrypt_inout_detached(&nonce, &[], self.pending.as_mut_slice().into());
        // The cipher refuses only chunks of more than 256 GiB.
        debug_assert!(done.is_ok());
        sealed.extend_from_slice(&self.pending);
        sealed.extend_from_slice(&done.unwrap_or_default());
        self.pending.clear();
        self.number += 1;
    }
}
