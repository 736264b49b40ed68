//! `POST /deployments/{id}/stop`: a model is no longer served.

use axum::extract::{Path, State};
use axum::response::Redirect;

use crate::access::guard::Signed;
use crate::app::App;
use crate::error::ApiError;
use crate::ui::visit::Posted;

/// The action.
pub async fn stop(
    State(app): State<App>,
    Signed(caller): Signed,
    Path(id): Path<String>,
    _: Posted,
) -> Result<Redirect, ApiError> {
    app.studio.undeploy(&caller, &id).await?;
    Ok(Redirect::to("/deployments?done=stopped"))
}
