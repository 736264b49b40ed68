//! The body of a request whose sender may fall silent: it ends with an error then, and the answer is 408.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use hanok_domain::fault::{Fault, FaultKind};
use hyper::body::{Body, Frame, Incoming, SizeHint};
use tokio::time::{Instant, Sleep};

use crate::error::envelope;

/// A body with a limit on the silence between two of its pieces.
pub struct Watched {
    inner: Incoming,
    patience: Duration,
    silence: Option<Pin<Box<Sleep>>>,
    silent: Arc<AtomicBool>,
}

impl Watched {
    /// A body, and whether it fell silent.
    pub fn new(inner: Incoming, patience: Duration) -> (Self, Arc<AtomicBool>) {
        let silent = Arc::new(AtomicBool::new(false));
        let body = Self {
            inner,
            patience,
            silence: None,
            silent: silent.clone(),
        };
        (body, silent)
    }
}

impl Body for Watched {
    type Data = Bytes;
    type Error = Box<dyn std::error::Error + Send + Sync>;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let this = &mut *self;
        if let Poll::Ready(frame) = Pin::new(&mut this.inner).poll_frame(cx) {
            this.silence = None;
            return Poll::Ready(frame.map(|frame| frame.map_err(Into::into)));
        }
        let until = Instant::now() + this.patience;
        let silence = this
            .silence
            .get_or_insert_with(|| Box::pin(tokio::time::sleep_until(until)));
        if silence.as_mut().poll(cx).is_pending() {
            return Poll::Pending;
        }
        this.silent.store(true, Ordering::Release);
        let error = io::Error::new(io::ErrorKind::TimedOut, "the body fell silent");
        Poll::Ready(Some(Err(error.into())))
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

/// The answer to a request whose body did not come.
pub fn too_slow() -> Response {
    let fault = Fault::new(
        FaultKind::Malformed,
        "body_too_slow",
        "Nothing more of the body came.",
    )
    .remedy("Send the request again.");
    let mut answer = (StatusCode::REQUEST_TIMEOUT, Json(envelope(&fault))).into_response();
    answer
        .headers_mut()
        .insert(header::CONNECTION, HeaderValue::from_static("close"));
    answer
}
