//! `/api/v1/keys`: made, listed, rotated, revoked; the key itself is shown once.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use hanok_studio::keys::{CreatedKey, NewKey, RotateKey};
use serde_json::{Value, json};

use super::page::{self, PageQuery};
use crate::access::guard::Signed;
use crate::app::App;
use crate::error::ApiError;
use crate::extract::{Json as Body, Optional, Query};

pub(super) async fn list(
    State(app): State<App>,
    Signed(caller): Signed,
    Query(query): Query<PageQuery>,
) -> Result<Json<Value>, ApiError> {
    page::list(app.studio.keys(&caller, query.into()).await?)
}

pub(super) async fn create(
    State(app): State<App>,
    Signed(caller): Signed,
    Body(body): Body<NewKey>,
) -> Result<(StatusCode, Json<CreatedKey>), ApiError> {
    let key = app.studio.create_key(&caller, body).await?;
    Ok((StatusCode::CREATED, Json(key)))
}

pub(super) async fn revoke(
    State(app): State<App>,
    Signed(caller): Signed,
    Path(id): Path<String>,
) -> Result<Json<Value>, ApiError> {
    app.studio.revoke_key(&caller, &id).await?;
    Ok(Json(json!({ "id": id, "object": "key", "deleted": true })))
}

pub(super) async fn rotate(
    State(app): State<App>,
    Signed(caller): Signed,
    Path(id): Path<String>,
    Optional(body): Optional<RotateKey>,
) -> Result<(StatusCode, Json<CreatedKey>), ApiError> {
    let key = app.studio.rotate_key(&caller, &id, body).await?;
    Ok((StatusCode::CREATED, Json(key)))
}
