//! `/api/v1/admin`: what administrators see of all projects.

use axum::Json;
use axum::extract::{Path, State};
use serde_json::{Value, json};

use super::page::{self, PageQuery};
use crate::access::guard::Signed;
use crate::app::App;
use crate::error::ApiError;
use crate::extract::Query;

pub(super) async fn keys(
    State(app): State<App>,
    Signed(caller): Signed,
    Query(query): Query<PageQuery>,
) -> Result<Json<Value>, ApiError> {
    page::list(app.studio.all_keys(&caller, query.into()).await?)
}

pub(super) async fn revoke(
    State(app): State<App>,
    Signed(caller): Signed,
    Path(id): Path<String>,
) -> Result<Json<Value>, ApiError> {
    app.studio.revoke_any_key(&caller, &id).await?;
    Ok(Json(json!({ "id": id, "object": "key", "deleted": true })))
}
