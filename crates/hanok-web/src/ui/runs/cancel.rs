//! `POST /runs/{id}/cancel`.

use axum::extract::{Path, State};
use axum::response::Redirect;

use crate::access::guard::Signed;
use crate::app::App;
use crate::error::ApiError;
use crate::ui::visit::Posted;

/// The action.
pub async fn cancel(
    State(app): State<App>,
    Signed(caller): Signed,
    Path(id): Path<String>,
    _: Posted,
) -> Result<Redirect, ApiError> {
    let run = app.studio.cancel_run(&caller, &id).await?;
    Ok(Redirect::to(&format!(
        "/runs/{}?done=run_cancelled",
        run.id
    )))
}
