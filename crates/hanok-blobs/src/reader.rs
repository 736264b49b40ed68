//! An object being read as a stream: the last read fails if the bytes were not the object's.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::fs::File;
use tokio::io::{AsyncRead, ReadBuf};

use crate::address::Addresser;
use crate::{ObjectError, ProjectKey};

/// Streams an object and checks its address at the end of the file: a reader that has seen the
/// end without an error has seen the content that was stored.
pub struct ObjectReader {
    file: File,
    hash: String,
    size: u64,
    addresser: Option<Addresser>,
}

impl ObjectReader {
    pub(crate) fn new(project: &ProjectKey, hash: &str, file: File, size: u64) -> Self {
        Self {
            file,
            hash: hash.to_string(),
            size,
            addresser: Some(Addresser::new(project)),
        }
    }

    /// Length of the object in bytes.
    pub fn size(&self) -> u64 {
        self.size
    }

    fn verify(&mut self) -> io::Result<()> {
        let Some(addresser) = self.addresser.take() else {
            return Ok(());
        };
        if addresser.finish() == self.hash {
            return Ok(());
        }
        let hash = self.hash.clone();
        Err(io::Error::new(
            io::ErrorKind::InvalidData,
            ObjectError::Corrupt { hash },
        ))
    }
}

impl AsyncRead for ObjectReader {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if buffer.remaining() == 0 {
            return Poll::Ready(Ok(()));
        }
        let before = buffer.filled().len();
        ready!(Pin::new(&mut this.file).poll_read(context, buffer))?;
        let read = &buffer.filled()[before..];
        if read.is_empty() {
            return Poll::Ready(this.verify());
        }
        if let Some(addresser) = &mut this.addresser {
            addresser.update(read);
        }
        Poll::Ready(Ok(()))
    }
}
