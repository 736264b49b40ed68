//! `/api/v1/runs`: fine-tuning.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use hanok_studio::events::EventView;
use hanok_studio::runs::{ResumeRun, RunView, StartRun};
use serde::Deserialize;
use serde_json::{Value, json};

use super::page::{self, PageQuery};
use crate::access::guard::Signed;
use crate::app::App;
use crate::error::ApiError;
use crate::extract::{Create, Optional, Query};
use crate::stream;

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

/// Query of a run's events.
#[derive(Debug, Deserialize)]
pub struct EventsQuery {
    after: Option<String>,
    limit: Option<u64>,
}

/// The run's events: a stream, or a page of them for a client that accepts JSON only.
pub(super) async fn events(
    State(app): State<App>,
    Signed(caller): Signed,
    Path(id): Path<String>,
    headers: HeaderMap,
    Query(query): Query<EventsQuery>,
) -> Result<Response, ApiError> {
    app.studio.run(&caller, &id).await?;
    let cursor = stream::cursor(&headers, &[id], query.after.as_deref());
    let wants_json = headers
        .get(header::ACCEPT)
        .and_then(|v| v.to_str().ok())
        .is_some_and(|v| v.contains("application/json"));
    if !wants_json {
        return Ok(stream::events(app, caller, cursor, stream::as_json).into_response());
    }
    let limit = query.limit.unwrap_or(100).clamp(1, 1000);
    let mut events = app.studio.events_after(&caller, &cursor, limit + 1).await?;
    let has_more = events.len() as u64 > limit;
    events.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    let mut last = cursor;
    events.iter().for_each(|event| last.advance(event));
    let data: Vec<Value> = events
        .iter()
        .map(|event| json!({ "kind": event.kind, "data": EventView::message(event) }))
        .collect();
    Ok(Json(json!({
        "object": "list",
        "data": data,
        "has_more": has_more,
        "last_id": last.to_string(),
    }))
    .into_response())
}
