//! `POST /v1/chat/completions`. A decoder writes the next turn; a classifier answers with the label of the
//! last user message, so that a chat client needs to know nothing of heads.

use std::convert::Infallible;

use axum::Json;
use axum::extract::State;
use axum::response::sse::{Event, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use hanok_domain::fault::Fault;
use hanok_protocol::inference::{Prompt, Turn};
use hanok_studio::access::Caller;
use hanok_studio::inference::{Classification, Generation, GenerationRequest, Inference, Route};
use serde::Deserialize;
use serde_json::{Value, json};

use super::generated::{collect, usage};
use super::messages::{Message, turns};
use super::sampling::SamplingFields;
use super::stream::{self as chunks, Shape, StreamOptions};
use crate::access::guard::Signed;
use crate::app::App;
use crate::error::ApiError;
use crate::extract::{Json as Body, RequestId};

/// Body of `POST /v1/chat/completions`; what a model here has no use for is accepted and ignored.
#[derive(Debug, Deserialize)]
pub struct ChatRequest {
    /// A model that answers.
    pub model: String,
    /// The conversation.
    pub messages: Vec<Message>,
    /// Answer as server-sent events.
    #[serde(default)]
    pub stream: bool,
    /// Options of the stream.
    #[serde(default)]
    pub stream_options: Option<StreamOptions>,
    /// Refused: no model here calls tools.
    #[serde(default)]
    pub tools: Option<Vec<Value>>,
    /// How a decoder writes.
    #[serde(flatten)]
    pub sampling: SamplingFields,
}

pub(super) async fn complete(
    State(app): State<App>,
    Signed(caller): Signed,
    RequestId(request_id): RequestId,
    Body(body): Body<ChatRequest>,
) -> Result<Response, ApiError> {
    let choices = body.sampling.choices()?;
    let sampling = body.sampling.check()?;
    let turns = turns(&body.messages)?;
    if body.tools.as_ref().is_some_and(|tools| !tools.is_empty()) {
        return Err(
            Fault::invalid("unsupported_tools", "No model here calls tools.")
                .field("tools")
                .remedy("Leave them out.")
                .into(),
        );
    }
    if !app.studio.writes_text(&caller, &body.model).await? {
        let request = Classify {
            model: body.model,
            turns,
            choices,
            stream: body.stream,
            with_usage: body.stream_options.is_some_and(|o| o.include_usage),
            request_id,
        };
        return classify(&app, &caller, request).await;
    }
    let request = GenerationRequest {
        model: body.model,
        prompt: Prompt::Chat(turns),
        sampling,
        choices,
        route: Route::Chat,
        request_id,
    };
    let generation = app.studio.generate(&caller, request).await?;
    let options = body.stream.then(|| body.stream_options.unwrap_or_default());
    respond(&app, generation, options).await
}

/// The answer as a stream with these options, or whole without any.
async fn respond(
    app: &App,
    generation: Generation,
    stream: Option<StreamOptions>,
) -> Result<Response, ApiError> {
    if let Some(options) = stream {
        let stop = app.stop.clone();
        return Ok(chunks::respond(generation, Shape::Chat, options, stop));
    }
    let (id, model) = (generation.id.clone(), generation.model.clone());
    let (choices, totals) = collect(generation).await?;
    let choices = choices.iter().enumerate();
    let choices = choices.map(|(index, choice)| whole(index, &choice.text, &choice.reason));
    let answer = completion(&id, &model, choices.collect(), usage(totals));
    Ok(Json(answer).into_response())
}

/// A chat with a classifier.
struct Classify {
    model: String,
    turns: Vec<Turn>,
    choices: u32,
    stream: bool,
    with_usage: bool,
    request_id: String,
}

async fn classify(app: &App, caller: &Caller, request: Classify) -> Result<Response, ApiError> {
    if request.choices != 1 {
        return Err(
            Fault::invalid("invalid_n", "This model gives exactly one choice.")
                .field("n")
                .into(),
        );
    }
    let last = request.turns.into_iter().rev().find(|t| t.role == "user");
    let inference = Inference {
        model: request.model,
        texts: last.into_iter().map(|turn| turn.content).collect(),
        route: Route::Chat,
        request_id: request.request_id,
    };
    let answer = app.studio.classify(caller, inference).await?;
    if request.stream {
        return Ok(streamed(&answer, request.with_usage));
    }
    let choices = vec![whole(0, label(&answer), "stop")];
    let usage = label_usage(&answer);
    Ok(Json(completion(&answer.id, &answer.model, choices, usage)).into_response())
}

fn label(answer: &Classification) -> &str {
    answer
        .results
        .first()
        .and_then(|scores| scores.labels.first())
        .map_or("", |(label, _)| label)
}

fn label_usage(answer: &Classification) -> Value {
    json!({
        "prompt_tokens": answer.tokens,
        "completion_tokens": answer.completion_tokens,
        "total_tokens": answer.tokens + answer.completion_tokens,
    })
}

fn whole(index: usize, text: &str, reason: &str) -> Value {
    json!({
        "index": index,
        "message": { "role": "assistant", "content": text, "refusal": null },
        "logprobs": null,
        "finish_reason": reason,
    })
}

fn completion(id: &str, model: &str, choices: Vec<Value>, usage: Value) -> Value {
    json!({
        "id": format!("chatcmpl-{id}"),
        "object": "chat.completion",
        "created": chunks::now(),
        "model": model,
        "choices": choices,
        "usage": usage,
        "system_fingerprint": null,
    })
}

fn streamed(answer: &Classification, with_usage: bool) -> Response {
    let created = chunks::now();
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
    let mut parts = vec![
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
        parts.push(chunk(json!([]), label_usage(answer)));
    }
    let messages: Vec<Result<Event, Infallible>> = parts
        .into_iter()
        .map(|chunk| chunk.to_string())
        .chain(std::iter::once("[DONE]".to_owned()))
        .map(|data| Ok(Event::default().data(data)))
        .collect();
    Sse::new(stream::iter(messages)).into_response()
}
