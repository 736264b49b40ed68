//! `POST /v1/completions`: text is continued as it stands. The older of OpenAI's two ways to generate.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use hanok_domain::fault::Fault;
use hanok_protocol::inference::Prompt;
use hanok_studio::inference::{Generation, GenerationRequest, Route};
use serde::Deserialize;
use serde_json::{Value, json};

use super::generated::{collect, usage};
use super::sampling::SamplingFields;
use super::stream::{self, Shape, StreamOptions};
use crate::access::guard::Signed;
use crate::app::App;
use crate::error::ApiError;
use crate::extract::{Json as Body, RequestId};

/// Tokens written when the request does not say, as OpenAI has it.
const MAX_TOKENS: u64 = 16;

/// Body of `POST /v1/completions`.
#[derive(Debug, Deserialize)]
pub struct CompletionRequest {
    /// A model that writes text.
    pub model: String,
    /// The text to continue; an empty one leaves the beginning to the model.
    pub prompt: TextPrompt,
    /// Answer as server-sent events.
    #[serde(default)]
    pub stream: bool,
    /// Options of the stream.
    #[serde(default)]
    pub stream_options: Option<StreamOptions>,
    /// Begin the answer with the prompt.
    #[serde(default)]
    pub echo: Option<bool>,
    /// How.
    #[serde(flatten)]
    pub sampling: SamplingFields,
}

/// What to continue.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub enum TextPrompt {
    /// One text.
    One(String),
    /// A list, of which one text is read.
    Many(Vec<Value>),
}

impl TextPrompt {
    fn into_text(self) -> Result<String, Fault> {
        let text = match self {
            Self::One(text) => Some(text),
            Self::Many(texts) if texts.len() == 1 => texts[0].as_str().map(str::to_owned),
            Self::Many(_) => None,
        };
        text.ok_or_else(|| {
            Fault::invalid("invalid_prompt", "prompt is one text.")
                .field("prompt")
                .remedy("Send a request for each text; tokens are not read.")
        })
    }
}

pub(super) async fn complete(
    State(app): State<App>,
    Signed(caller): Signed,
    RequestId(request_id): RequestId,
    Body(body): Body<CompletionRequest>,
) -> Result<Response, ApiError> {
    let choices = body.sampling.choices()?;
    let mut sampling = body.sampling.check()?;
    sampling.max_tokens = sampling.max_tokens.or(Some(MAX_TOKENS));
    if body.echo == Some(true) {
        return Err(
            Fault::invalid("unsupported_echo", "echo is not supported here.")
                .field("echo")
                .into(),
        );
    }
    let request = GenerationRequest {
        model: body.model,
        prompt: Prompt::Text(body.prompt.into_text()?),
        sampling,
        choices,
        route: Route::Completions,
        request_id,
    };
    let generation = app.studio.generate(&caller, request).await?;
    if body.stream {
        let (options, stop) = (body.stream_options.unwrap_or_default(), app.stop.clone());
        return Ok(stream::respond(generation, Shape::Text, options, stop));
    }
    Ok(Json(whole(generation).await?).into_response())
}

async fn whole(generation: Generation) -> Result<Value, ApiError> {
    let (id, model) = (generation.id.clone(), generation.model.clone());
    let (choices, totals) = collect(generation).await?;
    let choices: Vec<Value> = choices
        .iter()
        .enumerate()
        .map(|(index, choice)| {
            json!({
                "index": index,
                "text": choice.text,
                "logprobs": null,
                "finish_reason": choice.reason,
            })
        })
        .collect();
    Ok(json!({
        "id": format!("cmpl-{id}"),
        "object": "text_completion",
        "created": stream::now(),
        "model": model,
        "choices": choices,
        "usage": usage(totals),
        "system_fingerprint": null,
    }))
}
