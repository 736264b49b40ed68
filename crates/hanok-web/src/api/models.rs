//! `/api/v1/models`: what runs made and what was imported.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderName, StatusCode, header};
use hanok_studio::models::{ImportModel, ModelView};
use hanok_studio::sharing::{Share, Shared};
use serde_json::{Value, json};

use super::page::{self, PageQuery};
use crate::access::guard::Signed;
use crate::app::App;
use crate::error::ApiError;
use crate::extract::{Create, Json as Body, Query};

pub(super) async fn list(
    State(app): State<App>,
    Signed(caller): Signed,
    Query(query): Query<PageQuery>,
) -> Result<Json<Value>, ApiError> {
    page::list(app.studio.models(&caller, query.into()).await?)
}

pub(super) async fn get(
    State(app): State<App>,
    Signed(caller): Signed,
    Path(id): Path<String>,
) -> Result<Json<ModelView>, ApiError> {
    Ok(Json(app.studio.model(&caller, &id).await?))
}

/// A model with the address where it can be watched.
type Made = (StatusCode, [(HeaderName, String); 1], Json<ModelView>);

pub(super) async fn create(
    State(app): State<App>,
    Signed(caller): Signed,
    Create(body, once): Create<ImportModel>,
) -> Result<Made, ApiError> {
    let model = app.studio.import_model(&caller, body, once).await?;
    let place = format!("/api/v1/models/{}", model.id);
    Ok((
        StatusCode::CREATED,
        [(header::LOCATION, place)],
        Json(model),
    ))
}

pub(super) async fn delete(
    State(app): State<App>,
    Signed(caller): Signed,
    Path(id): Path<String>,
) -> Result<Json<Value>, ApiError> {
    let (id, _) = app.studio.delete_model(&caller, &id).await?;
    Ok(Json(
        json!({ "id": id, "object": "model", "deleted": true }),
    ))
}

pub(super) async fn share(
    State(app): State<App>,
    Signed(caller): Signed,
    Path(id): Path<String>,
    Body(body): Body<Share>,
) -> Result<(StatusCode, Json<Shared>), ApiError> {
    let shared = app.studio.share_model(&caller, &id, &body).await?;
    Ok((StatusCode::CREATED, Json(shared)))
}
