//! `GET /account/second-factor`.

use axum::extract::State;
use axum::response::Response;

use super::page;
use super::view::Step;
use crate::access::guard::Signed;
use crate::app::App;
use crate::error::ApiError;
use crate::ui::visit::Visit;

/// The page.
pub async fn show(
    State(app): State<App>,
    Signed(caller): Signed,
    Visit(frame): Visit,
) -> Result<Response, ApiError> {
    page(&app, &caller, &frame, Step::Overview, None).await
}
