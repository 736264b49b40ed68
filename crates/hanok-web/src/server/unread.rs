//! A connection whose other side may stop taking what it asked for: it ends with an error then, so that nobody
//! holds answers, and a place among the connections, by not reading.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep};

/// A connection with a limit on the time for which nothing of an answer is taken.
pub struct Unread<T> {
    inner: T,
    patience: Duration,
    waiting: Option<Pin<Box<Sleep>>>,
}

impl<T> Unread<T> {
    /// Around a connection.
    pub fn new(inner: T, patience: Duration) -> Self {
        Self {
            inner,
            patience,
            waiting: None,
        }
    }

    /// What the connection said, or the end of our patience.
    fn bounded<R>(
        &mut self,
        said: Poll<io::Result<R>>,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<R>> {
        if said.is_ready() {
            self.waiting = None;
            return said;
        }
        let until = Instant::now() + self.patience;
        let waiting = self
            .waiting
            .get_or_insert_with(|| Box::pin(tokio::time::sleep_until(until)));
        if waiting.as_mut().poll(cx).is_pending() {
            return Poll::Pending;
        }
        let text = "nothing of the answer was taken for too long";
        Poll::Ready(Err(io::Error::new(io::ErrorKind::TimedOut, text)))
    }
}

impl<T: AsyncRead + Unpin> AsyncRead for Unread<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_read(cx, buf)
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for Unread<T> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let said = Pin::new(&mut self.inner).poll_write(cx, buf);
        self.bounded(said, cx)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let said = Pin::new(&mut self.inner).poll_flush(cx);
        self.bounded(said, cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let said = Pin::new(&mut self.inner).poll_shutdown(cx);
        self.bounded(said, cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let said = Pin::new(&mut self.inner).poll_write_vectored(cx, bufs);
        self.bounded(said, cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

    use super::*;

    #[tokio::test]
    async fn who_takes_nothing_is_left_and_who_is_slow_is_not() {
        let (near, mut far) = duplex(8);
        let mut near = Unread::new(near, Duration::from_millis(20));
        let refused = near.write_all(&[1; 9]).await.unwrap_err();
        assert_eq!(refused.kind(), io::ErrorKind::TimedOut);

        let mut piece = [0; 8];
        far.read_exact(&mut piece).await.unwrap();
        assert_eq!(piece, [1; 8]);
        let mut near = Unread::new(near.inner, Duration::from_secs(30));
        let reading = async { far.read_exact(&mut piece).await.map(|_| ()) };
        let (sent, read) = tokio::join!(near.write_all(&[2; 12]), reading);
        assert!(sent.is_ok() && read.is_ok() && piece == [2; 8]);
    }
}
