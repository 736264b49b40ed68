//! `/api/v1/models`: what runs made, and the starter models.

use axum::Json;
use axum::extract::{Path, State};
use hanok_studio::models::ModelView;
use serde_json::Value;

use super::page::{self, PageQuery};
use crate::access::guard::Signed;
use crate::app::App;
use crate::error::ApiError;
use crate::extract::Query;

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
