//! `POST /v1/classify`: the scores of every class for one text or many.

use axum::Json;
use axum::extract::State;
use hanok_protocol::inference::Scores;
use hanok_studio::inference::{Inference, Route};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::access::guard::Signed;
use crate::app::App;
use crate::error::ApiError;
use crate::extract::{Json as Body, RequestId};

/// Body of `POST /v1/classify`.
#[derive(Debug, Deserialize)]
pub struct ClassifyRequest {
    /// A deployed model.
    pub model: String,
    /// One text or several.
    pub input: Input,
}

/// One text or several.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub enum Input {
    /// One.
    One(String),
    /// Several, answered in order.
    Many(Vec<String>),
}

pub(super) async fn classify(
    State(app): State<App>,
    Signed(caller): Signed,
    RequestId(request_id): RequestId,
    Body(body): Body<ClassifyRequest>,
) -> Result<Json<Value>, ApiError> {
    let texts = match body.input {
        Input::One(text) => vec![text],
        Input::Many(texts) => texts,
    };
    let answer = app
        .studio
        .classify(
            &caller,
            Inference {
                model: body.model,
                texts,
                route: Route::Classify,
                request_id,
            },
        )
        .await?;
    let data: Vec<Value> = answer.results.iter().enumerate().map(wire).collect();
    Ok(Json(json!({
        "object": "list",
        "model": answer.model,
        "data": data,
        "usage": { "prompt_tokens": answer.tokens, "total_tokens": answer.tokens },
    })))
}

fn wire((index, scores): (usize, &Scores)) -> Value {
    let all: Vec<Value> = scores
        .labels
        .iter()
        .map(|(label, score)| json!({ "label": label, "score": score }))
        .collect();
    json!({
        "index": index,
        "object": "classification",
        "label": scores.labels.first().map(|(label, _)| label),
        "scores": all,
        "truncated": scores.truncated,
    })
}
