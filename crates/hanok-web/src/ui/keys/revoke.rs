//! `POST /keys/{id}/revoke`: a key ends.

use axum::extract::{Path, State};
use axum::response::Redirect;

use crate::access::guard::Signed;
use crate::app::App;
use crate::error::ApiError;
use crate::ui::visit::Posted;

/// The action.
pub async fn revoke(
    State(app): State<App>,
    Signed(caller): Signed,
    Path(id): Path<String>,
    _: Posted,
) -> Result<Redirect, ApiError> {
    app.studio.revoke_key(&caller, &id).await?;
    Ok(Redirect::to("/keys?done=key_revoked"))
}
