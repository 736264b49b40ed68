//! `/api/v1/keys`: made, listed, revoked; the key itself is shown once.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use hanok_studio::keys::{CreatedKey, NewKey};
use serde_json::{Value, json};

use super::page::{self, PageQuery};
use crate::access::guard::Signed;
use crate::app::App;
use crate::error::ApiError;
use crate::extract::{Json as Body, Query};

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
