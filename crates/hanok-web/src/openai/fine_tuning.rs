//! `/v1/fine_tuning/jobs`: fine-tuning as the `openai` client asks for it. A job is a view of a run.

use axum::Json;
use axum::extract::{Path, State};
use hanok_studio::PageRequest;
use hanok_studio::fine_tuning::{CreateFineTune, FineTuneView};
use serde_json::Value;

use crate::access::guard::Signed;
use crate::api::page::{self, PageQuery};
use crate::app::App;
use crate::error::ApiError;
use crate::extract::{Create, Query};

/// Checkpoints of a page when the request does not say, as OpenAI has it.
const CHECKPOINTS: u64 = 10;

pub(super) async fn list(
    State(app): State<App>,
    Signed(caller): Signed,
    Query(query): Query<PageQuery>,
) -> Result<Json<Value>, ApiError> {
    page::list(app.studio.fine_tunes(&caller, query.into()).await?)
}

pub(super) async fn create(
    State(app): State<App>,
    Signed(caller): Signed,
    Create(body, once): Create<CreateFineTune>,
) -> Result<Json<FineTuneView>, ApiError> {
    Ok(Json(
        app.studio.create_fine_tune(&caller, body, once).await?,
    ))
}

pub(super) async fn get(
    State(app): State<App>,
    Signed(caller): Signed,
    Path(id): Path<String>,
) -> Result<Json<FineTuneView>, ApiError> {
    Ok(Json(app.studio.fine_tune(&caller, &id).await?))
}

pub(super) async fn cancel(
    State(app): State<App>,
    Signed(caller): Signed,
    Path(id): Path<String>,
) -> Result<Json<FineTuneView>, ApiError> {
    Ok(Json(app.studio.cancel_fine_tune(&caller, &id).await?))
}

pub(super) async fn pause(
    State(app): State<App>,
    Signed(caller): Signed,
    Path(id): Path<String>,
) -> Result<Json<FineTuneView>, ApiError> {
    Ok(Json(app.studio.pause_fine_tune(&caller, &id).await?))
}

pub(super) async fn resume(
    State(app): State<App>,
    Signed(caller): Signed,
    Path(id): Path<String>,
) -> Result<Json<FineTuneView>, ApiError> {
    Ok(Json(app.studio.resume_fine_tune(&caller, &id).await?))
}

pub(super) async fn events(
    State(app): State<App>,
    Signed(caller): Signed,
    Path(id): Path<String>,
    Query(query): Query<PageQuery>,
) -> Result<Json<Value>, ApiError> {
    let page = query.into();
    page::list(app.studio.fine_tune_events(&caller, &id, page).await?)
}

pub(super) async fn checkpoints(
    State(app): State<App>,
    Signed(caller): Signed,
    Path(id): Path<String>,
    Query(query): Query<PageQuery>,
) -> Result<Json<Value>, ApiError> {
    let page = PageRequest::new(query.after, Some(query.limit.unwrap_or(CHECKPOINTS)));
    page::list(app.studio.fine_tune_checkpoints(&caller, &id, page).await?)
}
