//! `GET /`: the dashboard.

use axum::extract::State;
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
) -> Result<Html<String>, ApiError> {
    let view = load::load(&app, &caller, frame.lang).await?;
    Ok(Html(view::render(&view, &frame)))
}
