//! The event log as server-sent events.

use std::convert::Infallible;
use std::time::Duration;

use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::Stream;
use futures_util::stream::{self, StreamExt};
use hanok_studio::events::EventView;

use super::{End, Follow, batches};

/// Streams every event of the cursor's topics; `render` may turn one event into several messages. A
/// stream that ends by itself says so with an event `end`.
pub fn events<R>(follow: Follow, render: R) -> Sse<impl Stream<Item = Result<Event, Infallible>>>
where
    R: Fn(&EventView) -> Vec<Event> + Send + 'static,
{
    let stop = follow.app.stop.clone();
    let farewell = (follow.end != End::Never).then(|| Event::default().event("end").data("{}"));
    let messages = batches(follow)
        .flat_map(move |(events, mut cursor)| {
            let mut out = Vec::new();
            for event in &events {
                cursor.advance(event);
                let id = cursor.to_string();
                out.extend(render(event).into_iter().map(|m| m.id(id.clone())));
            }
            stream::iter(out)
        })
        .chain(stream::iter(farewell))
        .map(Ok)
        .take_until(async move { stop.cancelled().await });
    Sse::new(messages).keep_alive(KeepAlive::new().interval(Duration::from_secs(15)))
}

/// An event as programs get it: its kind as the event's name, its content as JSON.
pub fn as_json(event: &EventView) -> Vec<Event> {
    let message = Event::default().event(&event.kind);
    match message.json_data(event.message()) {
        Ok(message) => vec![message],
        Err(_) => Vec::new(),
    }
}
