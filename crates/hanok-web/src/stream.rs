//! Server-sent events from the event log: replay after `Last-Event-ID`, then live, until the client
//! goes or the server stops. One stream carries several topics. What an event looks like on the
//! wire is given by the caller, so that programs get JSON and pages get fragments.

use std::convert::Infallible;
use std::time::Duration;

use axum::http::HeaderMap;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::Stream;
use futures_util::stream::{self, BoxStream, StreamExt};
use hanok_studio::access::Caller;
use hanok_studio::events::{Cursor, EventView};
use tokio::sync::broadcast::error::RecvError;

use crate::app::App;

/// Events read from the log at once.
const BATCH: u64 = 500;

/// Where a stream begins: the header of a reconnecting client, or the query of a first one.
pub fn cursor(headers: &HeaderMap, topics: &[String], after: Option<&str>) -> Cursor {
    let last = headers
        .get("last-event-id")
        .and_then(|v| v.to_str().ok())
        .or(after);
    Cursor::new(topics, last)
}

/// Streams every event of the cursor's topics; `render` may turn one event into several messages.
pub fn events<R>(
    app: App,
    caller: Caller,
    cursor: Cursor,
    render: R,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>>
where
    R: Fn(&EventView) -> Vec<Event> + Send + 'static,
{
    let stop = app.stop.clone();
    let batches = follow(app, caller, cursor);
    let messages = batches
        .flat_map(move |(events, mut cursor)| {
            let mut out = Vec::new();
            for event in &events {
                cursor.advance(event);
                let id = cursor.to_string();
                out.extend(render(event).into_iter().map(|m| m.id(id.clone())));
            }
            stream::iter(out.into_iter().map(Ok))
        })
        .take_until(async move { stop.cancelled().await });
    Sse::new(messages).keep_alive(KeepAlive::new().interval(Duration::from_secs(15)))
}

/// Batches of events with the cursor as it stood before each.
fn follow(
    app: App,
    caller: Caller,
    cursor: Cursor,
) -> BoxStream<'static, (Vec<EventView>, Cursor)> {
    // Subscribed before the first read, so that nothing falls between replay and live.
    let changes = app.studio.changes();
    stream::unfold(
        (app, caller, cursor, changes),
        |(app, caller, cursor, mut changes)| async move {
            loop {
                match app.studio.events_after(&caller, &cursor, BATCH).await {
                    Ok(events) if !events.is_empty() => {
                        let before = cursor.clone();
                        let mut cursor = cursor;
                        events.iter().for_each(|e| cursor.advance(e));
                        return Some(((events, before), (app, caller, cursor, changes)));
                    }
                    Ok(_) => {}
                    Err(fault) => {
                        tracing::warn!(%fault, "an event stream could not be read");
                        return None;
                    }
                }
                loop {
                    match changes.recv().await {
                        Ok(change) if !cursor.follows(&change) => {}
                        Ok(_) | Err(RecvError::Lagged(_)) => break,
                        Err(RecvError::Closed) => return None,
                    }
                }
            }
        },
    )
    .boxed()
}

/// An event as programs get it: its kind as the event's name, its content as JSON.
pub fn as_json(event: &EventView) -> Vec<Event> {
    let message = Event::default().event(&event.kind);
    match message.json_data(event.message()) {
        Ok(message) => vec![message],
        Err(_) => Vec::new(),
    }
}
