//! `/api/v1/deployments`: which models answer requests.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use hanok_studio::deployments::{Deploy, DeploymentView};
use serde_json::{Value, json};

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
    page::list(app.studio.deployments(&caller, query.into()).await?)
}

pub(super) async fn create(
    State(app): State<App>,
    Signed(caller): Signed,
    Create(body, once): Create<Deploy>,
) -> Result<(StatusCode, Json<DeploymentView>), ApiError> {
    let deployment = app.studio.deploy(&caller, body, once).await?;
    Ok((StatusCode::CREATED, Json(deployment)))
}

pub(super) async fn get(
    State(app): State<App>,
    Signed(caller): Signed,
    Path(id): Path<String>,
) -> Result<Json<DeploymentView>, ApiError> {
    Ok(Json(app.studio.deployment(&caller, &id).await?))
}

pub(super) async fn delete(
    State(app): State<App>,
    Signed(caller): Signed,
    Path(id): Path<String>,
) -> Result<Json<Value>, ApiError> {
    app.studio.undeploy(&caller, &id).await?;
    Ok(Json(
        json!({ "id": id, "object": "deployment", "deleted": true }),
    ))
}
