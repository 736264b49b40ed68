//! `POST /v1/generate`: pieces of text as lines of JSON while they are drawn. Whoever hangs up ends it.

use std::ops::ControlFlow;
use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use hanok_domain::fault::{Fault, FaultKind};
use hanok_infer::{FinishReason, GenerateError, GenerateRequest, Prompt};
use hanok_models::ChatMessage;
use hanok_protocol::inference::{self, Generate, Generated, Piece, Sampling};
use tokio::sync::mpsc;

use super::gate::Pass;
use super::held::Held;

/// Lines that wait for a slow reader.
const WAITING: usize = 64;

/// Answers with a stream of pieces; the model is loaded, the turn has come.
pub fn respond(held: Arc<Held>, message: Generate, pass: Pass) -> Response {
    let (send, lines) = mpsc::channel(WAITING);
    tokio::task::spawn_blocking(move || {
        // Held to the end of the work, not of the answer.
        let _pass = pass;
        let last = match run(&held, message, &send) {
            Ok(Some(generated)) => Piece::Done(generated),
            Ok(None) => return,
            Err(fault) => Piece::Error(fault),
        };
        tell(&send, &last);
    });
    let body = stream::unfold(lines, |mut lines: mpsc::Receiver<Bytes>| async {
        let line = lines.recv().await?;
        Some((Ok::<_, std::convert::Infallible>(line), lines))
    });
    Body::from_stream(body).into_response()
}

/// Sends a line; false when nobody listens any more.
fn tell(send: &mpsc::Sender<Bytes>, piece: &Piece) -> bool {
    let Ok(mut line) = serde_json::to_vec(piece) else {
        return false;
    };
    line.push(b'\n');
    send.blocking_send(line.into()).is_ok()
}

/// Generates; nothing when whoever asked went away.
fn run(
    held: &Held,
    message: Generate,
    send: &mpsc::Sender<Bytes>,
) -> Result<Option<Generated>, Fault> {
    let model = held.chat()?;
    let field = match &message.prompt {
        inference::Prompt::Chat(_) => "messages",
        inference::Prompt::Text(_) => "prompt",
    };
    let request = request(message.prompt, message.sampling);
    let failed = |error| fault(error, field);
    let tokens = model.prompt(&request.prompt).map_err(failed)?;
    if tokens.len() < model.context_length() && !tell(send, &Piece::Begun(tokens.len() as u64)) {
        return Ok(None);
    }
    let generated = model
        .generate(&request, &mut |text| {
            let heard = if text.is_empty() {
                !send.is_closed()
            } else {
                tell(send, &Piece::Text(text.to_owned()))
            };
            if heard {
                ControlFlow::Continue(())
            } else {
                ControlFlow::Break(())
            }
        })
        .map_err(failed)?;
    let reason = match generated.finish_reason {
        FinishReason::Stop => "stop",
        FinishReason::Length => "length",
        FinishReason::Cancelled => return Ok(None),
    };
    Ok(Some(Generated {
        finish_reason: reason.to_owned(),
        prompt_tokens: generated.prompt_tokens as u64,
        completion_tokens: generated.completion_tokens as u64,
    }))
}

fn request(prompt: inference::Prompt, sampling: Sampling) -> GenerateRequest {
    let defaults = GenerateRequest::default();
    let whole = |n: Option<u64>| n.map(|n| usize::try_from(n).unwrap_or(usize::MAX));
    GenerateRequest {
        prompt: match prompt {
            inference::Prompt::Text(text) => Prompt::Text(text),
            inference::Prompt::Chat(turns) => Prompt::Chat(
                turns
                    .into_iter()
                    .map(|turn| ChatMessage::new(turn.role, turn.content))
                    .collect(),
            ),
        },
        max_tokens: whole(sampling.max_tokens),
        temperature: sampling.temperature.unwrap_or(defaults.temperature),
        top_p: sampling.top_p.unwrap_or(defaults.top_p),
        top_k: whole(sampling.top_k),
        seed: sampling.seed,
        stop: sampling.stop,
        frequency_penalty: sampling
            .frequency_penalty
            .unwrap_or(defaults.frequency_penalty),
        presence_penalty: sampling
            .presence_penalty
            .unwrap_or(defaults.presence_penalty),
    }
}

fn fault(error: GenerateError, prompt: &str) -> Fault {
    let message = format!("{error}.");
    match error {
        GenerateError::TooLong { .. } => {
            Fault::new(FaultKind::Malformed, "context_length_exceeded", message).field(prompt)
        }
        GenerateError::Invalid { field, .. } => {
            Fault::invalid("invalid_request", message).field(field)
        }
        GenerateError::NotFinite => Fault::invalid("model_not_finite", message).field("model"),
    }
}
