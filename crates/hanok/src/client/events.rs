//! The event stream of a topic, across lost connections: it goes on after the last event seen.

use std::time::Duration;

use reqwest::{Method, Response, header};
use serde_json::Value;

use super::sse::{Decoder, Frame};
use super::{Client, ClientError};

/// Silence after which a connection counts as lost; servers send a comment far more often.
const SILENCE: Duration = Duration::from_secs(45);
/// How long a server may be away before following gives up.
const AWAY: Duration = Duration::from_secs(120);

/// One event of a topic.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// `metric`, `log`, `progress`, `state`, …
    pub kind: String,
    /// Its content.
    pub data: Value,
}

/// Follows topics from their first event.
pub struct Events {
    client: Client,
    path: String,
    last_id: String,
    open: Option<Response>,
    decoder: Decoder,
    waiting: std::collections::VecDeque<Frame>,
}

/// What [`Events::next`] found.
#[derive(Debug)]
pub enum Next {
    /// Something happened.
    Event(Event),
    /// The connection was lost or had to be made again: what one knows may be old.
    Reconnected,
}

impl Events {
    /// Follows these topics; connects at the first [`Events::next`].
    pub fn new(client: &Client, topics: &[&str]) -> Self {
        Self {
            client: client.clone(),
            path: format!("/api/v1/events?topics={}", topics.join(",")),
            last_id: "0".to_owned(),
            open: None,
            decoder: Decoder::default(),
            waiting: std::collections::VecDeque::new(),
        }
    }

    /// The next event, or word that a connection was made.
    pub async fn next(&mut self) -> Result<Next, ClientError> {
        loop {
            while let Some(frame) = self.waiting.pop_front() {
                if let Some(id) = &frame.id {
                    self.last_id.clone_from(id);
                }
                if let Some(event) = event_of(frame) {
                    return Ok(Next::Event(event));
                }
            }
            let Some(response) = &mut self.open else {
                self.reconnect().await?;
                return Ok(Next::Reconnected);
            };
            match tokio::time::timeout(SILENCE, response.chunk()).await {
                Ok(Ok(Some(chunk))) => self.waiting.extend(self.decoder.push(&chunk)),
                // Ended, broken or silent: all the same, try again, but not in a tight loop.
                _ => {
                    self.open = None;
                    tokio::time::sleep(Duration::from_millis(200)).await;
                }
            }
        }
    }

    async fn reconnect(&mut self) -> Result<(), ClientError> {
        let begun = tokio::time::Instant::now();
        let mut pause = Duration::from_millis(200);
        loop {
            let request = self
                .client
                .request(Method::GET, &self.path)
                .header(header::ACCEPT, "text/event-stream")
                .header("Last-Event-ID", &self.last_id);
            match self.client.send(request).await {
                Ok(response) => {
                    self.decoder = Decoder::default();
                    self.open = Some(response);
                    return Ok(());
                }
                Err(error) if error.refused() || begun.elapsed() > AWAY => return Err(error),
                Err(_) => {
                    tokio::time::sleep(pause).await;
                    pause = (pause * 2).min(Duration::from_secs(5));
                }
            }
        }
    }
}

/// A frame that is not one of ours (no JSON) is passed over.
fn event_of(frame: Frame) -> Option<Event> {
    let data: Value = serde_json::from_str(&frame.data).ok()?;
    data.is_object().then_some(Event {
        kind: frame.event,
        data,
    })
}
