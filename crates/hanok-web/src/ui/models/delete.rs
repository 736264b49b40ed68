//! `POST /models/{id}/delete`: into the bin.

use axum::extract::{Path, State};
use axum::response::Redirect;

use crate::access::guard::Signed;
use crate::app::App;
use crate::error::ApiError;
use crate::ui::visit::Posted;

/// The action.
pub async fn delete(
    State(app): State<App>,
    Signed(caller): Signed,
    Path(id): Path<String>,
    _: Posted,
) -> Result<Redirect, ApiError> {
    app.studio.delete_model(&caller, &id).await?;
    Ok(Redirect::to("/models?done=model_deleted"))
}
