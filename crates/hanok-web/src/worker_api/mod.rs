//! The worker surface, `/worker/v1`: registration, leases, heartbeats, events, completion.
//! The messages are `hanok-protocol`'s, what they mean is the studio's.

use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use hanok_protocol::lease::{
    Complete, Heartbeat, HeartbeatReply, LeaseRequest, Leave, PostEvents, Register, Registered,
};

use crate::app::App;
use crate::error::ApiError;
use crate::extract::Json;
use crate::routes::{Policy, Routes};

/// Longest wait for work that a worker may ask for.
const MAX_WAIT: Duration = Duration::from_secs(30);

/// Mounts the surface.
pub fn mount(routes: Routes) -> Routes {
    routes
        .programs()
        .post("/worker/v1/register", Policy::Worker, register)
        .post("/worker/v1/lease", Policy::Worker, lease)
        .post("/worker/v1/heartbeat", Policy::Worker, heartbeat)
        .post("/worker/v1/events", Policy::Worker, events)
        .post("/worker/v1/complete", Policy::Worker, complete)
        .post("/worker/v1/leave", Policy::Worker, leave)
}

async fn register(
    State(app): State<App>,
    Json(message): Json<Register>,
) -> Result<axum::Json<Registered>, ApiError> {
    Ok(axum::Json(app.studio.register_worker(&message).await?))
}

async fn lease(
    State(app): State<App>,
    Json(message): Json<LeaseRequest>,
) -> Result<Response, ApiError> {
    let wait = Duration::from_millis(message.wait_ms).min(MAX_WAIT);
    let leased = tokio::select! {
        leased = app.studio.lease_job(&message.worker, wait) => leased?,
        () = app.stop.cancelled() => None,
    };
    Ok(match leased {
        Some(assignment) => axum::Json(assignment).into_response(),
        None => StatusCode::NO_CONTENT.into_response(),
    })
}

async fn heartbeat(
    State(app): State<App>,
    Json(message): Json<Heartbeat>,
) -> Result<axum::Json<HeartbeatReply>, ApiError> {
    Ok(axum::Json(app.studio.heartbeat(&message).await?))
}

async fn events(
    State(app): State<App>,
    Json(message): Json<PostEvents>,
) -> Result<StatusCode, ApiError> {
    app.studio.post_events(message).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn complete(
    State(app): State<App>,
    Json(message): Json<Complete>,
) -> Result<StatusCode, ApiError> {
    app.studio.complete_job(message).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn leave(State(app): State<App>, Json(message): Json<Leave>) -> Result<StatusCode, ApiError> {
    app.studio.worker_left(&message.worker).await?;
    Ok(StatusCode::NO_CONTENT)
}
