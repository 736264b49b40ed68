//! `POST /account/second-factor`: a secret is offered. It stands in the answer, since it is shown to nobody
//! who only looks.

use axum::extract::State;
use axum::response::Response;

use super::page;
use super::view::Step;
use crate::access::guard::Signed;
use crate::app::App;
use crate::error::ApiError;
use crate::ui::visit::{Posted, Visit};

/// The action.
pub async fn offer(
    State(app): State<App>,
    Signed(caller): Signed,
    Visit(frame): Visit,
    _: Posted,
) -> Result<Response, ApiError> {
    let offer = app.studio.offer_second_factor(&caller).await?;
    page(&app, &caller, &frame, Step::Offer(offer), None).await
}
