//! What a hosting worker answers: `POST /v1/load`, `POST /v1/classify`.

use std::sync::Arc;

use axum::extract::{DefaultBodyLimit, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use hanok_domain::fault::Fault;
use hanok_models::Classifier;
use hanok_protocol::inference::{Classified, Classify, Load, Loaded, Scores};

use super::cache::Cache;

/// The gateway has checked the person's limits already; this one only bounds memory.
const MAX_BODY: usize = 64 << 20;

/// Routes of the socket.
pub fn router(cache: Cache) -> Router {
    Router::new()
        .route("/v1/load", post(load))
        .route("/v1/classify", post(classify))
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .with_state(Arc::new(cache))
}

/// A fault for the gateway, as JSON.
struct Refused(Fault);

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        (StatusCode::UNPROCESSABLE_ENTITY, Json(self.0)).into_response()
    }
}

async fn load(
    State(cache): State<Arc<Cache>>,
    Json(message): Json<Load>,
) -> Result<Json<Loaded>, Refused> {
    let held = cache
        .get(&message.project, &message.model)
        .await
        .map_err(Refused)?;
    Ok(Json(Loaded {
        labels: held.classifier.labels().to_vec(),
        memory: held.memory,
    }))
}

async fn classify(
    State(cache): State<Arc<Cache>>,
    Json(message): Json<Classify>,
) -> Result<Json<Classified>, Refused> {
    let held = cache
        .get(&message.project, &message.model)
        .await
        .map_err(Refused)?;
    let scored = tokio::task::spawn_blocking(move || {
        let texts = message.texts.iter();
        texts
            .map(|text| scores(&held.classifier, text))
            .collect::<Vec<_>>()
    });
    let results = scored
        .await
        .map_err(|e| Refused(Fault::internal(format!("scoring panicked: {e}"))))?;
    Ok(Json(Classified { results }))
}

fn scores(classifier: &Classifier, text: &str) -> Scores {
    let features = classifier.encoder().features(text);
    let probabilities = classifier.head().probabilities(&features);
    let mut labels: Vec<(String, f32)> = classifier
        .labels()
        .iter()
        .cloned()
        .zip(probabilities)
        .collect();
    labels.sort_by(|a, b| b.1.total_cmp(&a.1));
    Scores {
        labels,
        tokens: features.tokens as u64,
        truncated: features.truncated,
    }
}
