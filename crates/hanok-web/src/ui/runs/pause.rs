//! `POST /runs/{id}/pause` and `/runs/{id}/resume`.

use axum::extract::{Path, State};
use axum::response::Redirect;
use hanok_studio::runs::ResumeRun;

use crate::access::guard::Signed;
use crate::app::App;
use crate::error::ApiError;
use crate::ui::visit::Posted;

/// Its worker saves and stops.
pub async fn pause(
    State(app): State<App>,
    Signed(caller): Signed,
    Path(id): Path<String>,
    _: Posted,
) -> Result<Redirect, ApiError> {
    let run = app.studio.pause_run(&caller, &id).await?;
    Ok(Redirect::to(&format!("/runs/{}?done=run_paused", run.id)))
}

/// It goes on from its last checkpoint.
pub async fn resume(
    State(app): State<App>,
    Signed(caller): Signed,
    Path(id): Path<String>,
    _: Posted,
) -> Result<Redirect, ApiError> {
    let how = ResumeRun::default();
    let run = app.studio.resume_run(&caller, &id, how).await?;
    Ok(Redirect::to(&format!("/runs/{}", run.id)))
}
