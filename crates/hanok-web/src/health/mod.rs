//! Health: alive, ready, and each component. A health answer says what was asked of whom, never just
//! OK; and it comes in time whatever hangs.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use hanok_studio::health::Service;
use serde_json::{Map, Value, json};

use crate::app::App;
use crate::routes::{Policy, Routes};

/// What `/health` waits for: a balancer asks often and has little patience.
const SHORT: Duration = Duration::from_millis(60);
/// What readiness waits for before it says no.
const LONG: Duration = Duration::from_millis(1000);

/// Mounts the health endpoints.
pub fn mount(routes: Routes) -> Routes {
    routes
        .programs()
        .uncounted()
        .get("/health", Policy::Public, alive)
        .uncounted()
        .get("/api/v1/health", Policy::Public, alive)
        .uncounted()
        .get("/health/live", Policy::Public, live)
        .uncounted()
        .get("/health/ready", Policy::Public, ready)
        .uncounted()
        .get("/_stcore/health", Policy::Public, ready)
        .uncounted()
        .get("/health/detailed", Policy::Near, detailed)
}

/// The process answers.
async fn live(State(app): State<App>) -> Response {
    Json(json!({ "status": "up", "version": app.config.version })).into_response()
}

/// Alive, with a glance at what it stands on: always 200, since a restart would mend none of that.
async fn alive(State(app): State<App>) -> Response {
    let services = app.studio.probe(SHORT).await;
    let word = if services.iter().all(|s| s.up) {
        "up"
    } else {
        "degraded"
    };
    let body = json!({
        "status": word,
        "version": app.config.version,
        "services": words(&services),
    });
    Json(body).into_response()
}

/// Ready: not stopping, the database answers, objects can be written, a worker is there.
async fn ready(State(app): State<App>) -> Response {
    let services = app.studio.probe(LONG).await;
    let (status, word) = verdict(&app, &services);
    let body = json!({ "status": word, "services": words(&services) });
    (status, Json(body)).into_response()
}

/// Each component with status, latency and version.
async fn detailed(State(app): State<App>) -> Response {
    let services = app.studio.probe(LONG).await;
    let (status, word) = verdict(&app, &services);
    let components: Map<String, Value> = services.iter().map(component).collect();
    let body = json!({
        "status": word,
        "version": app.config.version,
        "environment": app.config.environment,
        "uptime_s": app.metrics.uptime().as_secs(),
        "stopping": app.stop.is_cancelled(),
        "components": components,
    });
    (status, Json(body)).into_response()
}

fn component(service: &Service) -> (String, Value) {
    let mut told = json!({
        "status": word(service),
        "latency_ms": service.latency.as_secs_f64() * 1000.0,
        "version": service.version,
    });
    if let Value::Object(detail) = &service.detail {
        for (name, value) in detail {
            told[name] = value.clone();
        }
    }
    (service.name.to_owned(), told)
}

fn words(services: &[Service]) -> Map<String, Value> {
    let named = services.iter().map(|s| (s.name.to_owned(), json!(word(s))));
    named.collect()
}

fn word(service: &Service) -> &'static str {
    if service.up { "up" } else { "down" }
}

fn verdict(app: &App, services: &[Service]) -> (StatusCode, &'static str) {
    if !app.stop.is_cancelled() && services.iter().all(|s| s.up || s.optional) {
        (StatusCode::OK, "up")
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "down")
    }
}
