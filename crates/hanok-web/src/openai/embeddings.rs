//! `POST /v1/embeddings`: vectors of one text or many.

use axum::Json;
use axum::extract::State;
use hanok_domain::fault::Fault;
use hanok_studio::inference::EmbeddingRequest;
use serde::Deserialize;
use serde_json::{Value, json};

use super::base64;
use crate::access::guard::Signed;
use crate::app::App;
use crate::error::ApiError;
use crate::extract::{Json as Body, RequestId};

/// Body of `POST /v1/embeddings`.
#[derive(Debug, Deserialize)]
pub struct EmbeddingsRequest {
    /// A model that makes vectors.
    pub model: String,
    /// One text or several.
    pub input: Value,
    /// `float` or `base64`.
    #[serde(default)]
    pub encoding_format: Option<String>,
    /// Length of the vectors wanted.
    #[serde(default)]
    pub dimensions: Option<usize>,
}

pub(super) async fn embed(
    State(app): State<App>,
    Signed(caller): Signed,
    RequestId(request_id): RequestId,
    Body(body): Body<EmbeddingsRequest>,
) -> Result<Json<Value>, ApiError> {
    let wire: fn(&[f32]) -> Value = match body.encoding_format.as_deref().unwrap_or("float") {
        "float" => |vector| json!(vector),
        "base64" => |vector| json!(base64::of_floats(vector)),
        other => {
            let text = format!("encoding_format is float or base64, not '{other}'.");
            return Err(Fault::invalid("invalid_encoding_format", text)
                .field("encoding_format")
                .into());
        }
    };
    let request = EmbeddingRequest {
        model: body.model,
        texts: texts(body.input)?,
        dimensions: body.dimensions,
        request_id,
    };
    let answer = app.studio.embed(&caller, request).await?;
    let data: Vec<Value> = answer
        .vectors
        .iter()
        .enumerate()
        .map(|(index, vector)| {
            json!({ "object": "embedding", "index": index, "embedding": wire(vector) })
        })
        .collect();
    Ok(Json(json!({
        "object": "list",
        "data": data,
        "model": answer.model,
        "usage": { "prompt_tokens": answer.tokens, "total_tokens": answer.tokens },
    })))
}

fn texts(input: Value) -> Result<Vec<String>, Fault> {
    let unreadable = || {
        Fault::invalid("invalid_input", "input is a text or a list of texts.")
            .field("input")
            .remedy("Send texts; each model has tokens of its own, so arrays of them are not read.")
    };
    match input {
        Value::String(text) => Ok(vec![text]),
        Value::Array(texts) => texts
            .into_iter()
            .map(|text| match text {
                Value::String(text) => Ok(text),
                _ => Err(unreadable()),
            })
            .collect(),
        _ => Err(unreadable()),
    }
}
