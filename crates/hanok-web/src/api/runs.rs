//! `/api/v1/runs`: fine-tuning.

use axum::Json;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use hanok_studio::access::Caller;
use hanok_studio::runs::{ResumeRun, RunView, StartRun};
use serde_json::Value;

use super::log::{Log, LogQuery};
use super::page::{self, PageQuery};
use crate::access::guard::Signed;
use crate::app::App;
use crate::error::ApiError;
use crate::extract::{Create, Optional, Query};
use crate::stream::End;

pub(super) async fn list(
    State(app): State<App>,
    Signed(caller): Signed,
    Query(query): Query<PageQuery>,
) -> Result<Json<Value>, ApiError> {
    page::list(app.studio.runs(&caller, query.into()).await?)
}

pub(super) async fn create(
    State(app): State<App>,
    Signed(caller): Signed,
    Create(body, once): Create<StartRun>,
) -> Result<(StatusCode, Json<RunView>), ApiError> {
    let run = app.studio.start_run(&caller, body, once).await?;
    Ok((StatusCode::CREATED, Json(run)))
}

pub(super) async fn get(
    State(app): State<App>,
    Signed(caller): Signed,
    Path(id): Path<String>,
) -> Result<Json<RunView>, ApiError> {
    Ok(Json(app.studio.run(&caller, &id).await?))
}

pub(super) async fn cancel(
    State(app): State<App>,
    Signed(caller): Signed,
    Path(id): Path<String>,
) -> Result<Json<RunView>, ApiError> {
    Ok(Json(app.studio.cancel_run(&caller, &id).await?))
}

pub(super) async fn pause(
    State(app): State<App>,
    Signed(caller): Signed,
    Path(id): Path<String>,
) -> Result<Json<RunView>, ApiError> {
    Ok(Json(app.studio.pause_run(&caller, &id).await?))
}

/// Takes no body for the usual way: from the last checkpoint.
pub(super) async fn resume(
    State(app): State<App>,
    Signed(caller): Signed,
    Path(id): Path<String>,
    Optional(how): Optional<ResumeRun>,
) -> Result<Json<RunView>, ApiError> {
    Ok(Json(app.studio.resume_run(&caller, &id, how).await?))
}

/// The run's events: a stream, or a page of them for a client that accepts JSON only.
pub(super) async fn events(
    State(app): State<App>,
    Signed(caller): Signed,
    Path(id): Path<String>,
    headers: HeaderMap,
    Query(query): Query<LogQuery>,
) -> Result<Response, ApiError> {
    let log = log_of(app, caller, id).await?;
    Ok(log.answer(&headers, query).await?)
}

/// The same events over a WebSocket.
pub(super) async fn socket(
    State(app): State<App>,
    Signed(caller): Signed,
    Path(id): Path<String>,
    Query(query): Query<LogQuery>,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response, ApiError> {
    let log = log_of(app, caller, id).await?;
    Ok(log.socket(upgrade, &query)?)
}

/// A run's log does not end with the run: its evaluation follows.
async fn log_of(app: App, caller: Caller, id: String) -> Result<Log, ApiError> {
    app.studio.run(&caller, &id).await?;
    Ok(Log {
        app,
        caller,
        topic: id,
        kind: None,
        end: End::Never,
    })
}
