//! A connection whose bytes are followed by [`Framing`]: from the first ambiguous byte on hyper sees
//! one that it refuses, and then the end. After an upgrade the bytes are no requests any more.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::framing::Framing;

/// Stands in no part of a request.
const REFUSED: u8 = 0;

/// A connection under [`Framing`].
pub struct Strict<T> {
    inner: T,
    framing: Framing,
    broken: bool,
    upgraded: Arc<AtomicBool>,
}

impl<T> Strict<T> {
    /// Around a connection; `upgraded` is set once it speaks something else than HTTP.
    pub fn new(inner: T, upgraded: Arc<AtomicBool>) -> Self {
        Self {
            inner,
            framing: Framing::default(),
            broken: false,
            upgraded,
        }
    }
}

impl<T: AsyncRead + Unpin> AsyncRead for Strict<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.broken {
            return Poll::Ready(Ok(()));
        }
        let before = buf.filled().len();
        ready!(Pin::new(&mut self.inner).poll_read(cx, buf))?;
        if self.upgraded.load(Ordering::Acquire) {
            return Poll::Ready(Ok(()));
        }
        let fresh = &mut buf.filled_mut()[before..];
        if let Err(at) = self.framing.follow(fresh) {
            fresh[at] = REFUSED;
            buf.set_filled(before + at + 1);
            self.broken = true;
        }
        Poll::Ready(Ok(()))
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for Strict<T> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }
}
