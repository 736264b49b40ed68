//! An object being read as a stream: the last read fails if the bytes were not the object's.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf, Bytes};
use tokio::io::{AsyncRead, ReadBuf};
use tokio::task::{JoinHandle, spawn_blocking};

use crate::ObjectError;
use crate::reading::Checked;

type Answer = (Box<Checked>, Result<Option<Bytes>, ObjectError>);

/// Streams an object and checks its address at the end of it: a reader that has seen the
/// end without an error has seen the content that was stored.
pub struct ObjectReader {
    size: u64,
    part: Bytes,
    state: State,
}

enum State {
    Idle(Box<Checked>),
    Reading(JoinHandle<Answer>),
    Over,
}

impl ObjectReader {
    pub(crate) fn new(content: Checked) -> Self {
        Self {
            size: content.size(),
            part: Bytes::new(),
            state: State::Idle(Box::new(content)),
        }
    }

    /// Length of the object in bytes.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Fetches the next part; none at the end.
    fn poll_part(&mut self, context: &mut Context<'_>) -> Poll<io::Result<Option<Bytes>>> {
        loop {
            match std::mem::replace(&mut self.state, State::Over) {
                State::Over => return Poll::Ready(Ok(None)),
                State::Idle(mut content) => {
                    self.state = State::Reading(spawn_blocking(move || {
                        let part = content.next();
                        (content, part)
                    }));
                }
                State::Reading(mut task) => {
                    let Poll::Ready(done) = Pin::new(&mut task).poll(context) else {
                        self.state = State::Reading(task);
                        return Poll::Pending;
                    };
                    let (content, part) = done.map_err(io::Error::other)?;
                    let part = part.map_err(broken)?;
                    if part.is_some() {
                        self.state = State::Idle(content);
                    }
                    return Poll::Ready(Ok(part));
                }
            }
        }
    }
}

fn broken(error: ObjectError) -> io::Error {
    let kind = match error {
        ObjectError::Unavailable { .. } => io::ErrorKind::TimedOut,
        ObjectError::Io { .. } => io::ErrorKind::Other,
        _ => io::ErrorKind::InvalidData,
    };
    io::Error::new(kind, error)
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
        if this.part.is_empty() {
            match ready!(this.poll_part(context))? {
                Some(part) => this.part = part,
                None => return Poll::Ready(Ok(())),
            }
        }
        let length = this.part.len().min(buffer.remaining());
        buffer.put_slice(&this.part[..length]);
        this.part.advance(length);
        Poll::Ready(Ok(()))
    }
}
