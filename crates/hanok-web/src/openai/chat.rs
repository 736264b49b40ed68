//! `POST /v1/chat/completions`. A classifier answers with the label of the last user message;
//! a chat client needs to know nothing of heads.

use std::convert::Infallible;
use std::time::{SystemTime, UNIX_EPOCH};

use axum::Json;
use axum::extract::State;
use axum::response::sse::{Event, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use hanok_domain::fault::Fault;
use hanok_studio::inference::{Classification, Inference, Route};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::access::guard::Signed;
use crate::app::App;
use crate::error::ApiError;
use crate::extract::{Json as Body, RequestId};

/// Body of `POST /v1/chat/completions`; what a classifier has no use for is accepted and ignored.
#[derive(Debug, Deserialize)]
pub struct ChatRequest {
    /// A deployed model.
    pub model: String,
    /// The conversation; the last user message is classified.
    pub messages: Vec<Message>,
    /// Answer as server-sent events.
    #[serde(default)]
    pub stream: bool,
    /// Number of choices; a classifier gives exactly one.
    #[serde(default)]
    pub n: Option<u64>,
    /// Options of the stream.
    #[serde(default)]
    pub stream_options: Option<StreamOptions>,
}

/// Options of a streamed answer.
#[derive(Debug, Deserialize)]
pub struct StreamOptions {
    /// Send a last chunk with the usage.
    #[serde(default)]
    pub include_usage: bool,
}

/// One turn.
#[derive(Debug, Deserialize)]
pub struct Message {
    /// `system`, `developer`, `user`, `assistant` or `tool`.
    pub role: String,
    /// Text, or text parts.
    #[serde(default)]
    pub content: Option<Content>,
}

/// The content of a turn.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub enum Content {
    /// Plain text.
    Text(String),
    /// Parts; only text parts are read here.
    Parts(Vec<Part>),
}

/// One part of a turn's content.
#[derive(Debug, Deserialize)]
pub struct Part {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    text: Option<String>,
}

pub(super) async fn complete(
    State(app): State<App>,
    Signed(caller): Signed,
    RequestId(request_id): RequestId,
    Body(body): Body<ChatRequest>,
) -> Result<Response, ApiError> {
    if body.n.is_some_and(|n| n != 1) {
        return Err(
            Fault::invalid("invalid_n", "This model gives exactly one choice.")
                .field("n")
                .into(),
        );
    }
    let text = last_user_text(&body.messages)?;
    let answer = app
        .studio
        .classify(
            &caller,
            Inference {
                model: body.model,
                texts: vec![text],
                route: Route::Chat,
                request_id,
            },
        )
        .await?;
    let usage = body.stream_options.is_some_and(|o| o.include_usage);
    Ok(if body.stream {
        streamed(&answer, usage)
    } else {
        Json(whole(&answer)).into_response()
    })
}

fn last_user_text(messages: &[Message]) -> Result<String, Fault> {
    let message = messages.iter().rev().find(|m| m.role == "user");
    let Some(message) = message else {
        return Err(
            Fault::invalid("no_user_message", "There is no user message to answer.")
                .field("messages"),
        );
    };
    let text = match &message.content {
        Some(Content::Text(text)) => text.clone(),
        Some(Content::Parts(parts)) => {
            if let Some(part) = parts.iter().find(|p| p.kind != "text") {
                return Err(Fault::invalid(
                    "unsupported_content",
                    format!("This model reads text, not '{}'.", part.kind),
                )
                .field("messages"));
            }
            let texts: Vec<&str> = parts.iter().filter_map(|p| p.text.as_deref()).collect();
            texts.join("\n")
        }
        None => String::new(),
    };
    if text.trim().is_empty() {
        return Err(
            Fault::invalid("empty_message", "The last user message is empty.").field("messages"),
        );
    }
    Ok(text)
}

fn label(answer: &Classification) -> &str {
    answer
        .results
        .first()
        .and_then(|scores| scores.labels.first())
        .map_or("", |(label, _)| label)
}

fn usage(answer: &Classification) -> Value {
    json!({
        "prompt_tokens": answer.tokens,
        "completion_tokens": answer.completion_tokens,
        "total_tokens": answer.tokens + answer.completion_tokens,
    })
}

fn now() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |d| d.as_secs())
}

fn whole(answer: &Classification) -> Value {
    json!({
        "id": format!("chatcmpl-{}", answer.id),
        "object": "chat.completion",
        "created": now(),
        "model": answer.model,
        "choices": [{
            "index": 0,
            "message": { "role": "assistant", "content": label(answer), "refusal": null },
            "logprobs": null,
            "finish_reason": "stop",
        }],
        "usage": usage(answer),
        "system_fingerprint": null,
    })
}

fn streamed(answer: &Classification, with_usage: bool) -> Response {
    let created = now();
    let chunk = |choices: Value, usage: Value| {
        json!({
            "id": format!("chatcmpl-{}", answer.id),
            "object": "chat.completion.chunk",
            "created": created,
            "model": answer.model,
            "choices": choices,
            "usage": usage,
        })
    };
    let delta = json!({ "role": "assistant", "content": label(answer) });
    let mut chunks = vec![
        chunk(
            json!([{ "index": 0, "delta": delta, "finish_reason": null }]),
            Value::Null,
        ),
        chunk(
            json!([{ "index": 0, "delta": {}, "finish_reason": "stop" }]),
            Value::Null,
        ),
    ];
    if with_usage {
        chunks.push(chunk(json!([]), usage(answer)));
    }
    let messages: Vec<Result<Event, Infallible>> = chunks
        .into_iter()
        .map(|chunk| chunk.to_string())
        .chain(std::iter::once("[DONE]".to_owned()))
        .map(|data| Ok(Event::default().data(data)))
        .collect();
    Sse::new(stream::iter(messages)).into_response()
}
