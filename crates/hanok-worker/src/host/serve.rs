//! What a hosting worker answers: `POST /v1/load`, `/v1/classify`, `/v1/embed`, `/v1/generate`.

use std::sync::Arc;

use axum::extract::{DefaultBodyLimit, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use hanok_domain::fault::Fault;
use hanok_protocol::inference::{Classified, Classify, Embed, Embedded, Generate, Load, Loaded};

use super::cache::Cache;
use super::gate::Gate;
use super::generate;
use super::held::Held;

/// The gateway has checked the person's limits already; this one only bounds memory.
const MAX_BODY: usize = 64 << 20;
/// Generations at once, and those that wait: each uses every core in turn.
const GENERATIONS: (usize, usize) = (2, 32);
/// Short answers at once, and those that wait.
const ANSWERS: (usize, usize) = (4, 256);

/// The host's parts.
struct Host {
    cache: Cache,
    generations: Gate,
    answers: Gate,
}

/// Routes of the socket.
pub fn router(cache: Cache) -> Router {
    let host = Host {
        cache,
        generations: Gate::new(GENERATIONS.0, GENERATIONS.1),
        answers: Gate::new(ANSWERS.0, ANSWERS.1),
    };
    Router::new()
        .route("/v1/load", post(load))
        .route("/v1/classify", post(classify))
        .route("/v1/embed", post(embed))
        .route("/v1/generate", post(generate))
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .with_state(Arc::new(host))
}

/// A fault for the gateway, as JSON.
struct Refused(Fault);

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        (StatusCode::UNPROCESSABLE_ENTITY, Json(self.0)).into_response()
    }
}

impl From<Fault> for Refused {
    fn from(fault: Fault) -> Self {
        Self(fault)
    }
}

async fn load(
    State(host): State<Arc<Host>>,
    Json(message): Json<Load>,
) -> Result<Json<Loaded>, Refused> {
    let held = host.cache.get(&message.project, &message.model).await?;
    Ok(Json(Loaded {
        labels: held.labels(),
        memory: held.memory(),
    }))
}

async fn classify(
    State(host): State<Arc<Host>>,
    Json(message): Json<Classify>,
) -> Result<Json<Classified>, Refused> {
    let pass = host.answers.enter().await?;
    let held = host.cache.get(&message.project, &message.model).await?;
    let results = compute(held, move |held| held.classify(&message.texts)).await?;
    drop(pass);
    Ok(Json(Classified { results }))
}

async fn embed(
    State(host): State<Arc<Host>>,
    Json(message): Json<Embed>,
) -> Result<Json<Embedded>, Refused> {
    let pass = host.answers.enter().await?;
    let held = host.cache.get(&message.project, &message.model).await?;
    let embedded = compute(held, move |held| held.embed(&message.texts)).await?;
    drop(pass);
    Ok(Json(embedded))
}

async fn generate(
    State(host): State<Arc<Host>>,
    Json(message): Json<Generate>,
) -> Result<Response, Refused> {
    let pass = host.generations.enter().await?;
    let held = host.cache.get(&message.project, &message.model).await?;
    Ok(generate::respond(held, message, pass))
}

/// Runs what blocks on a thread of its own.
async fn compute<T: Send + 'static>(
    held: Arc<Held>,
    work: impl FnOnce(&Held) -> Result<T, Fault> + Send + 'static,
) -> Result<T, Fault> {
    tokio::task::spawn_blocking(move || work(&held))
        .await
        .map_err(|e| Fault::internal(format!("an answer panicked: {e}")))?
}
