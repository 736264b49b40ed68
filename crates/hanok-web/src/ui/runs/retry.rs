//! `POST /runs/{id}/retry`: a new run with the settings of an old one.

use axum::extract::{Path, State};
use axum::response::Redirect;
use hanok_domain::fault::Fault;
use hanok_studio::runs::{RunView, StartRun};
use serde_json::{Map, Value};

use crate::access::guard::Signed;
use crate::app::App;
use crate::error::ApiError;
use crate::ui::visit::Posted;

/// The action.
pub async fn retry(
    State(app): State<App>,
    Signed(caller): Signed,
    Path(id): Path<String>,
    _: Posted,
) -> Result<Redirect, ApiError> {
    let old = app.studio.run(&caller, &id).await?;
    let run = app.studio.start_run(&caller, like(old)?, None).await?;
    Ok(Redirect::to(&format!("/runs/{}", run.id)))
}

fn like(run: RunView) -> Result<StartRun, Fault> {
    let mut params = match run.params {
        Value::Object(params) => params,
        _ => Map::new(),
    };
    let held_out = params.remove("held_out").unwrap_or(Value::from(0.2));
    let start = serde_json::json!({
        "dataset": run.dataset_id,
        "name": run.name,
        "base_model": run.base_model,
        "method": run.method,
        "held_out": held_out,
        "params": params,
    });
    serde_json::from_value(start)
        .map_err(|e| Fault::internal(format!("the settings of {} cannot be used: {e}", run.id)))
}
