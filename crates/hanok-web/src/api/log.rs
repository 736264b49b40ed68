//! The event log of one subject, as every noun that has one gives it: a stream of server-sent events, a
//! page of JSON for a client that accepts only that, or a WebSocket.

use axum::Json;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::sse::Event;
use axum::response::{IntoResponse, Response};
use hanok_domain::fault::Fault;
use hanok_studio::access::Caller;
use hanok_studio::events::{Cursor, EventView};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::app::App;
use crate::stream::{self, End, Follow};

/// Query of a log.
#[derive(Debug, Default, Deserialize)]
pub struct LogQuery {
    after: Option<String>,
    limit: Option<u64>,
}

/// Whose log is wanted, and how much of it.
pub struct Log {
    /// The app.
    pub app: App,
    /// Who asks.
    pub caller: Caller,
    /// For example `run_…`.
    pub topic: String,
    /// The only kind of event that is wanted.
    pub kind: Option<&'static str>,
    /// When the stream ends.
    pub end: End,
}

impl Log {
    /// Answers with a stream or a page, as the request accepts.
    pub async fn answer(self, headers: &HeaderMap, query: LogQuery) -> Result<Response, Fault> {
        let topics = [self.topic.clone()];
        let cursor = stream::cursor(headers, &topics, query.after.as_deref());
        let wants_json = headers
            .get(header::ACCEPT)
            .and_then(|v| v.to_str().ok())
            .is_some_and(|v| v.contains("application/json"));
        if wants_json {
            return self.page(cursor, query.limit.unwrap_or(100)).await;
        }
        if self.end == End::Replayed && headers.contains_key("last-event-id") {
            let left = self.app.studio.events_after(&self.caller, &cursor, 1);
            if left.await?.is_empty() {
                // Tells a client that would reconnect for ever that there is nothing to come.
                return Ok(StatusCode::NO_CONTENT.into_response());
            }
        }
        let kind = self.kind;
        let render = move |event: &EventView| -> Vec<Event> {
            match kind {
                Some(kind) if kind != event.kind => Vec::new(),
                _ => stream::as_json(event),
            }
        };
        Ok(stream::events(self.follow(cursor), render).into_response())
    }

    /// Answers with a WebSocket.
    pub fn socket(
        self,
        upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
        query: &LogQuery,
    ) -> Result<Response, Fault> {
        let upgrade = upgrade.map_err(|rejection| stream::upgrade_expected(&rejection))?;
        let cursor = Cursor::new(std::slice::from_ref(&self.topic), query.after.as_deref());
        Ok(stream::socket(upgrade, self.follow(cursor)))
    }

    fn follow(self, cursor: Cursor) -> Follow {
        Follow {
            app: self.app,
            caller: self.caller,
            cursor,
            end: self.end,
        }
    }

    async fn page(self, cursor: Cursor, limit: u64) -> Result<Response, Fault> {
        let limit = limit.clamp(1, 1000);
        let read = self
            .app
            .studio
            .events_after(&self.caller, &cursor, limit + 1);
        let mut events = read.await?;
        let has_more = events.len() as u64 > limit;
        events.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        let mut last = cursor;
        events.iter().for_each(|event| last.advance(event));
        let wanted = events
            .iter()
            .filter(|event| self.kind.is_none_or(|kind| kind == event.kind));
        let data: Vec<Value> = wanted
            .map(|event| json!({ "kind": event.kind, "data": event.message() }))
            .collect();
        Ok(Json(json!({
            "object": "list",
            "data": data,
            "has_more": has_more,
            "last_id": last.to_string(),
        }))
        .into_response())
    }
}
