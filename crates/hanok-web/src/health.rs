//! Health: alive, and ready. A health answer says what was asked of whom, never just OK.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::app::App;
use crate::routes::{Policy, Routes};

/// Mounts the health endpoints.
pub fn mount(routes: Routes) -> Routes {
    routes
        .programs()
        .get("/health", Policy::Public, alive)
        .get("/health/live", Policy::Public, alive)
        .get("/health/ready", Policy::Public, ready)
        .get("/_stcore/health", Policy::Public, ready)
        .get("/api/v1/health", Policy::Public, ready)
}

async fn alive(State(app): State<App>) -> Response {
    Json(json!({ "status": "up", "version": app.config.version })).into_response()
}

/// Ready: not stopping, the database answers, the objects' folder can be written, a worker is there.
async fn ready(State(app): State<App>) -> Response {
    let services = app.studio.probe().await;
    let ready = !app.stop.is_cancelled() && services.iter().all(|s| s.up);
    let names: serde_json::Map<_, _> = services
        .iter()
        .map(|s| (s.name.to_owned(), json!(if s.up { "up" } else { "down" })))
        .collect();
    let status = if ready {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    let word = if ready { "up" } else { "down" };
    (status, Json(json!({ "status": word, "services": names }))).into_response()
}
