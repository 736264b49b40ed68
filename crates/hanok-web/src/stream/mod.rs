//! Events from the event log: replay after a cursor, then live, until the client goes, the server stops
//! or what is followed is over. One stream carries several topics. The same log is sent as server-sent
//! events ([`sse`]) and over a WebSocket ([`socket`]); what an event looks like is given by the caller,
//! so that programs get JSON and pages get fragments.

mod socket;
mod sse;

use axum::http::HeaderMap;
use futures_util::stream::{self, BoxStream, StreamExt};
use hanok_studio::access::Caller;
use hanok_studio::events::{Change, Cursor, EventView};
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;

use crate::app::App;

pub use socket::{socket, upgrade_expected};
pub use sse::{as_json, events};

/// Events read from the log at once.
const BATCH: u64 = 500;

/// When a stream ends by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// Never.
    Never,
    /// With the event that tells how what is followed ended.
    WithSubject,
    /// Once what is there has been sent: what is followed is over.
    Replayed,
}

/// What is followed, by whom, from where.
pub struct Follow {
    /// The app.
    pub app: App,
    /// Who follows.
    pub caller: Caller,
    /// Topics, and the last event seen of each.
    pub cursor: Cursor,
    /// When it ends.
    pub end: End,
}

/// Where a stream begins: the header of a reconnecting client, or the query of a first one.
pub fn cursor(headers: &HeaderMap, topics: &[String], after: Option<&str>) -> Cursor {
    let last = headers
        .get("last-event-id")
        .and_then(|v| v.to_str().ok())
        .or(after);
    Cursor::new(topics, last)
}

/// Batches of events with the cursor as it stood before each.
fn batches(follow: Follow) -> BoxStream<'static, (Vec<EventView>, Cursor)> {
    // Subscribed before the first read, so that nothing falls between replay and live.
    let changes = follow.app.studio.changes();
    let open = follow.app.metrics.stream();
    stream::unfold((follow, changes, false, open), |state| async move {
        let (mut follow, mut changes, over, open) = state;
        if over {
            return None;
        }
        let before = follow.cursor.clone();
        let events = next(&mut follow, &mut changes).await?;
        let over = follow.end == End::WithSubject && is_over(&follow, &events).await;
        Some(((events, before), (follow, changes, over, open)))
    })
    .boxed()
}

/// The events after the cursor, which moves on with them; waits for some where none are there.
async fn next(follow: &mut Follow, changes: &mut Receiver<Change>) -> Option<Vec<EventView>> {
    loop {
        let studio = &follow.app.studio;
        let read = studio.events_after(&follow.caller, &follow.cursor, BATCH);
        match read.await {
            Ok(events) if !events.is_empty() => {
                events.iter().for_each(|e| follow.cursor.advance(e));
                return Some(events);
            }
            Ok(_) if follow.end == End::Replayed => return None,
            Ok(_) => {}
            Err(fault) => {
                tracing::warn!(%fault, "an event stream could not be read");
                return None;
            }
        }
        loop {
            match changes.recv().await {
                Ok(change) if !follow.cursor.follows(&change) => {}
                Ok(_) | Err(RecvError::Lagged(_)) => break,
                Err(RecvError::Closed) => return None,
            }
        }
    }
}

/// Whether the events end with how their subject ended: one that was tried again has such an event on
/// its way as well.
async fn is_over(follow: &Follow, events: &[EventView]) -> bool {
    let ends = ["succeeded", "failed", "cancelled", "ready"];
    let last = events.iter().rev().find(|event| event.kind == "state");
    let state = last.and_then(|event| event.data["state"].as_str());
    if !state.is_some_and(|state| ends.contains(&state)) {
        return false;
    }
    let studio = &follow.app.studio;
    let more = studio.events_after(&follow.caller, &follow.cursor, 1).await;
    more.is_ok_and(|more| more.is_empty())
}
