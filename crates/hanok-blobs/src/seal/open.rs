//! A sealed object on its way back to content.

use chacha20poly1305::ChaCha20Poly1305;
use chacha20poly1305::aead::AeadInOut;

use super::{CHUNK_LENGTH, HEADER_LENGTH, MAGIC, MARK_LENGTH, ProjectSeal, TAG_LENGTH, nonce};
use crate::ObjectError;

const SEALED_CHUNK: usize = CHUNK_LENGTH + TAG_LENGTH;

/// Takes sealed bytes as they come and gives content, each chunk only after its tag was checked.
pub(crate) struct Opener {
    keys: Vec<ProjectSeal>,
    hash: String,
    cipher: Option<ChaCha20Poly1305>,
    pending: Vec<u8>,
    number: u64,
}

impl Opener {
    pub(crate) fn new(keys: Vec<ProjectSeal>, hash: &str) -> Self {
        Self {
            keys,
            hash: hash.to_string(),
            cipher: None,
            pending: Vec::new(),
            number: 0,
        }
    }

    /// Takes sealed bytes, gives the content of the chunks that are whole and not the last.
    pub(crate) fn update(&mut self, sealed: &[u8]) -> Result<Vec<u8>, ObjectError> {
        self.pending.extend_from_slice(sealed);
        let mut content = Vec::with_capacity(sealed.len());
        let mut used = self.header()?;
        // A chunk is not the last one if anything follows it.
        while self.cipher.is_some() && self.pending.len() - used > SEALED_CHUNK {
            self.chunk(used..used + SEALED_CHUNK, false, &mut content)?;
            used += SEALED_CHUNK;
        }
        self.pending.drain(..used);
        Ok(content)
    }

    /// The content of the last chunk. Anything that is missing or left over is an error.
    pub(crate) fn finish(&mut self) -> Result<Vec<u8>, ObjectError> {
        let length = self.pending.len();
        let empty_after_others = length == TAG_LENGTH && self.number > 0;
        if self.cipher.is_none() || length < TAG_LENGTH || empty_after_others {
            return Err(self.corrupt());
        }
        let mut content = Vec::with_capacity(length);
        self.chunk(0..length, true, &mut content)?;
        Ok(content)
    }

    /// Reads the header once it is there; tells how many bytes it took.
    fn header(&mut self) -> Result<usize, ObjectError> {
        if self.cipher.is_some() || self.pending.len() < HEADER_LENGTH {
            return Ok(0);
        }
        let (magic, rest) = self.pending[..HEADER_LENGTH].split_at(MAGIC.len());
        let (mark, salt) = rest.split_at(MARK_LENGTH);
        if magic != MAGIC {
            return Err(self.corrupt());
        }
        let Some(key) = self.keys.iter().find(|key| mark == key.mark) else {
            return Err(ObjectError::WrongKey {
                hash: self.hash.clone(),
            });
        };
        self.cipher = Some(key.cipher(salt));
        Ok(HEADER_LENGTH)
    }

    fn chunk(
        &mut self,
        range: std::ops::Range<usize>,
        last: bool,
        content: &mut Vec<u8>,
    ) -> Result<(), ObjectError> {
        let Some(cipher) = &self.cipher else {
            return Err(self.corrupt());
        };
        let chunk = &mut self.pending[range];
        let (text, tag) = chunk.split_at_mut(chunk.len() - TAG_LENGTH);
        let mut wanted = [0; TAG_LENGTH];
        wanted.copy_from_slice(tag);
        let number = nonce(self.number, last);
        let text_in = (&mut *text).into();
        let checked = cipher.decrypt_inout_detached(&number, &[], text_in, &wanted.into());
        if checked.is_err() {
            return Err(self.corrupt());
        }
        content.extend_from_slice(text);
        self.number += 1;
        Ok(())
    }

    fn corrupt(&self) -> ObjectError {
        ObjectError::Corrupt {
            hash: self.hash.clone(),
        }
    }
}
