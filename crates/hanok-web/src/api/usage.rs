//! `GET /api/v1/usage`: one row for each served request, newest first.

use axum::Json;
use axum::extract::State;
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
    page::list(app.studio.usage(&caller, query.into()).await?)
}
