//! `POST /datasets/{id}/share`: another project is given a copy.

use axum::extract::{Path, State};
use axum::response::Redirect;
use hanok_studio::sharing::Share;

use crate::access::guard::Signed;
use crate::app::App;
use crate::error::ApiError;
use crate::ui::visit::Posted;

/// The action.
pub async fn share(
    State(app): State<App>,
    Signed(caller): Signed,
    Path(id): Path<String>,
    posted: Posted,
) -> Result<Redirect, ApiError> {
    let share = Share {
        project: posted.get("project").to_owned(),
        name: Some(posted.get("name").to_owned()).filter(|name| !name.is_empty()),
    };
    app.studio.share_dataset(&caller, &id, &share).await?;
    Ok(Redirect::to(&format!("/datasets/{id}?done=shared")))
}
