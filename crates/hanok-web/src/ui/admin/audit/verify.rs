//! `POST /admin/audit/verify`: the chain is recomputed; the page tells what came of it.

use axum::extract::State;
use axum::response::Redirect;

use crate::access::guard::Signed;
use crate::app::App;
use crate::error::ApiError;
use crate::ui::visit::Posted;

/// The action.
pub async fn verify(
    State(app): State<App>,
    Signed(caller): Signed,
    _: Posted,
) -> Result<Redirect, ApiError> {
    let told = &mut |_, _| {};
    app.studio.verify_audit(Some(&caller), told).await?;
    Ok(Redirect::to("/admin/audit#seal"))
}
