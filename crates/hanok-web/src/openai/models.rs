//! `/v1/models`: the models that can be called, deployed ones first; deleting one's own.

use axum::Json;
use axum::extract::{Path, State};
use hanok_domain::fault::Fault;
use hanok_studio::models::CallableModel;
use serde_json::{Value, json};

use crate::access::guard::Signed;
use crate::app::App;
use crate::error::ApiError;

pub(super) async fn list(
    State(app): State<App>,
    Signed(caller): Signed,
) -> Result<Json<Value>, ApiError> {
    let models = app.studio.callable_models(&caller).await?;
    let data: Vec<Value> = models.iter().map(wire).collect();
    Ok(Json(json!({ "object": "list", "data": data })))
}

pub(super) async fn get(
    State(app): State<App>,
    Signed(caller): Signed,
    Path(name): Path<String>,
) -> Result<Json<Value>, ApiError> {
    let models = app.studio.callable_models(&caller).await?;
    let model = models.iter().find(|m| m.name == name);
    model
        .map(|m| Json(wire(m)))
        .ok_or_else(|| ApiError(Fault::not_found("deployed model", &name).field("model")))
}

pub(super) async fn delete(
    State(app): State<App>,
    Signed(caller): Signed,
    Path(name): Path<String>,
) -> Result<Json<Value>, ApiError> {
    let (_, name) = app.studio.delete_model(&caller, &name).await?;
    Ok(Json(
        json!({ "id": name, "object": "model", "deleted": true }),
    ))
}

fn wire(model: &CallableModel) -> Value {
    json!({
        "id": model.name,
        "object": "model",
        "created": model.created_at,
        "owned_by": model.project,
    })
}
