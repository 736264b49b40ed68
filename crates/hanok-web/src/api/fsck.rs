//! The check of the whole installation, for whoever can read the data directory.

use axum::Json;
use axum::extract::State;
use hanok_studio::upkeep::{Fsck, GRACE, Report};
use serde::Deserialize;

use crate::app::App;
use crate::error::ApiError;
use crate::extract;

/// What to do.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Request {
    fast: bool,
    repair: bool,
}

pub(super) async fn run(
    State(app): State<App>,
    extract::Json(request): extract::Json<Request>,
) -> Result<Json<Report>, ApiError> {
    let how = Fsck {
        fast: request.fast,
        repair: request.repair,
        grace: GRACE,
        alone: false,
    };
    Ok(Json(app.studio.fsck(&how).await?))
}
