//! Answers as server-sent events, piece by piece, ended by `[DONE]`. A client that goes away drops the
//! stream, and with it the generation.

use std::convert::Infallible;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream::{self, StreamExt};
use hanok_studio::inference::{ChoicePiece, Generation};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::generated::usage;
use crate::error::envelope;

/// What the chunks of a surface look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// `chat.completion.chunk`.
    Chat,
    /// `text_completion`.
    Text,
}

/// Options of a streamed answer.
#[derive(Debug, Clone, Copy, Default, serde::Deserialize)]
pub struct StreamOptions {
    /// Send a last chunk with the usage.
    #[serde(default)]
    pub include_usage: bool,
}

/// Unix seconds.
pub fn now() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |d| d.as_secs())
}

/// Writes chunks.
struct Chunks {
    shape: Shape,
    id: String,
    model: String,
    created: u64,
    with_usage: bool,
    /// Answers whose first chunk was sent.
    begun: u32,
}

/// Streams a generation.
pub fn respond(
    generation: Generation,
    shape: Shape,
    options: StreamOptions,
    stop: CancellationToken,
) -> Response {
    let prefix = if shape == Shape::Chat {
        "chatcmpl"
    } else {
        "cmpl"
    };
    let chunks = Chunks {
        shape,
        id: format!("{prefix}-{}", generation.id),
        model: generation.model.clone(),
        created: now(),
        with_usage: options.include_usage,
        begun: 0,
    };
    let pieces = stream::unfold((generation, chunks), |(mut generation, mut chunks)| async {
        let piece = generation.next().await?;
        let messages = chunks.of(piece);
        Some((messages, (generation, chunks)))
    });
    let events = pieces
        .flat_map(|messages| stream::iter(messages.into_iter().map(event)))
        .take_until(async move { stop.cancelled().await });
    Sse::new(events)
        .keep_alive(KeepAlive::new().interval(Duration::from_secs(15)))
        .into_response()
}

fn event(data: String) -> Result<Event, Infallible> {
    Ok(Event::default().data(data))
}

impl Chunks {
    fn of(&mut self, piece: ChoicePiece) -> Vec<String> {
        match piece {
            ChoicePiece::Text { choice, text } => {
                let mut messages = self.first(choice);
                let content = self.content(choice, text);
                messages.push(self.chunk(json!([content]), Value::Null));
                messages
            }
            ChoicePiece::Finished { choice, reason } => {
                let mut messages = self.first(choice);
                let mut last = match self.shape {
                    Shape::Chat => json!({ "delta": {} }),
                    Shape::Text => json!({ "text": "" }),
                };
                last["index"] = json!(choice);
                last["logprobs"] = Value::Null;
                last["finish_reason"] = json!(reason);
                messages.push(self.chunk(json!([last]), Value::Null));
                messages
            }
            ChoicePiece::Done(totals) => {
                let mut messages = Vec::new();
                if self.with_usage {
                    messages.push(self.chunk(json!([]), usage(totals)));
                }
                messages.push("[DONE]".to_owned());
                messages
            }
            ChoicePiece::Failed(fault) => vec![envelope(&fault).to_string(), "[DONE]".to_owned()],
        }
    }

    /// The chunk that says who speaks, before the first text of an answer.
    fn first(&mut self, choice: u32) -> Vec<String> {
        if choice < self.begun {
            return Vec::new();
        }
        self.begun = choice + 1;
        if self.shape == Shape::Text {
            return Vec::new();
        }
        let delta = json!({ "role": "assistant", "content": "", "refusal": null });
        let first =
            json!({ "index": choice, "delta": delta, "logprobs": null, "finish_reason": null });
        vec![self.chunk(json!([first]), Value::Null)]
    }

    fn content(&self, choice: u32, text: String) -> Value {
        let mut content = match self.shape {
            Shape::Chat => json!({ "delta": { "content": text } }),
            Shape::Text => json!({ "text": text }),
        };
        content["index"] = json!(choice);
        content["logprobs"] = Value::Null;
        content["finish_reason"] = Value::Null;
        content
    }

    fn chunk(&self, choices: Value, usage: Value) -> String {
        let object = match self.shape {
            Shape::Chat => "chat.completion.chunk",
            Shape::Text => "text_completion",
        };
        let mut chunk = json!({
            "id": self.id,
            "object": object,
            "created": self.created,
            "model": self.model,
            "system_fingerprint": null,
            "choices": choices,
        });
        if self.with_usage {
            chunk["usage"] = usage;
        }
        chunk.to_string()
    }
}
