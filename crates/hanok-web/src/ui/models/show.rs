//! `GET /models/{id}`: one model and how to call it.

use axum::extract::{Path, State};
use axum::response::Html;

use super::{load, view};
use crate::access::guard::Signed;
use crate::app::App;
use crate::error::ApiError;
use crate::ui::visit::Visit;

/// The page.
pub async fn show(
    State(app): State<App>,
    Signed(caller): Signed,
    Visit(frame): Visit,
    Path(id): Path<String>,
) -> Result<Html<String>, ApiError> {
    let view = load::show(&app, &caller, &id).await?;
    Ok(Html(view::render_show(&view, &frame)))
}
