//! `GET /api/v1/attach`: a stream that a command holds open; a server that a command brought up
//! ends when none is open any more (decision 2). It decides nothing: it counts.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::{Stream, StreamExt, stream};
use tokio::sync::watch;

use crate::app::App;

/// How many commands hold the server.
#[derive(Clone)]
pub struct Attached(Arc<watch::Sender<Count>>);

/// The count, and whether there ever was one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Count {
    /// Open streams.
    pub now: usize,
    /// Streams ever opened.
    pub ever: usize,
}

impl Default for Attached {
    fn default() -> Self {
        Self(Arc::new(watch::Sender::new(Count::default())))
    }
}

impl Attached {
    /// Follows the count.
    pub fn watch(&self) -> watch::Receiver<Count> {
        self.0.subscribe()
    }

    fn enter(&self) -> Guard {
        self.0.send_modify(|c| {
            c.now += 1;
            c.ever += 1;
        });
        Guard(self.clone())
    }
}

struct Guard(Attached);

impl Drop for Guard {
    fn drop(&mut self) {
        self.0.0.send_modify(|c| c.now -= 1);
    }
}

/// Holds the server until the client goes or the server stops.
pub async fn attach(State(app): State<App>) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let guard = app.attached.enter();
    let stop = app.stop.clone();
    let held = stream::once(async { Ok(Event::default().event("attached").data("{}")) })
        .chain(stream::pending())
        .take_until(async move {
            stop.cancelled().await;
        })
        .map(move |event| {
            // The guard lives as long as the stream does.
            let _ = &guard;
            event
        });
    Sse::new(held).keep_alive(KeepAlive::new().interval(Duration::from_secs(2)))
}
