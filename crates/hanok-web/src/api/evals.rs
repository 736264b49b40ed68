//! `/api/v1/evals`: base against tuned on held-out rows.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use hanok_studio::evals::{EvalView, StartEval};
use serde_json::Value;

use super::page::{self, PageQuery};
use crate::access::guard::Signed;
use crate::app::App;
use crate::error::ApiError;
use crate::extract::{Create, Query};

pub(super) async fn list(
    State(app): State<App>,
    Signed(caller): Signed,
    Query(query): Query<PageQuery>,
) -> Result<Json<Value>, ApiError> {
    page::list(app.studio.evals(&caller, query.into()).await?)
}

pub(super) async fn create(
    State(app): State<App>,
    Signed(caller): Signed,
    Create(body, once): Create<StartEval>,
) -> Result<(StatusCode, Json<EvalView>), ApiError> {
    let eval = app.studio.start_eval(&caller, body, once).await?;
    Ok((StatusCode::CREATED, Json(eval)))
}

pub(super) async fn get(
    State(app): State<App>,
    Signed(caller): Signed,
    Path(id): Path<String>,
) -> Result<Json<EvalView>, ApiError> {
    Ok(Json(app.studio.eval(&caller, &id).await?))
}
