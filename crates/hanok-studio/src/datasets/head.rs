//! How an upload begins: what it is, is told by its first bytes and not by what it says of itself.

use std::io;
use std::sync::{Mutex, PoisonError};

use bytes::Bytes;
use hanok_domain::fault::{Fault, FaultKind};

use super::Uploaded;

/// Bytes that are looked at.
const LENGTH: usize = 16 << 10;

/// The first bytes of a stream that goes by.
#[derive(Debug, Default)]
pub(super) struct Head(Mutex<Vec<u8>>);

impl Head {
    pub(super) fn see(&self, part: &Result<Bytes, io::Error>) {
        let Ok(part) = part else { return };
        let mut head = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let room = LENGTH - head.len();
        head.extend_from_slice(&part[..room.min(part.len())]);
    }

    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.0.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Refuses what is no text table.
pub(crate) fn refuse_others(file: &Uploaded) -> Result<(), Fault> {
    hanok_data::refuse_others(&file.file_name, &file.head).map_err(|error| {
        let text = format!("{}: {}.", error.file, error.message);
        Fault::new(FaultKind::Unsupported, error.code.as_str(), text)
            .field("file")
            .remedy(error.remedy)
    })
}
