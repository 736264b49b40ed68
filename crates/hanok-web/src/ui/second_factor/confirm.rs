//! `POST /account/second-factor/confirm`: a code of the offered secret takes it into use.

use axum::extract::State;
use axum::response::Response;

use super::view::Step;
use super::{is_of_form, page};
use crate::access::guard::Signed;
use crate::app::App;
use crate::error::ApiError;
use crate::ui::visit::{Posted, Visit};

/// The action.
pub async fn confirm(
    State(app): State<App>,
    Signed(caller): Signed,
    Visit(frame): Visit,
    posted: Posted,
) -> Result<Response, ApiError> {
    let code = posted.get("code");
    match app.studio.confirm_second_factor(&caller, code).await {
        Ok(codes) => page(&app, &caller, &frame, Step::Codes(codes), None).await,
        Err(fault) if is_of_form(&fault) => {
            let wrong = Some(("confirm", &fault));
            page(&app, &caller, &frame, Step::Again, wrong).await
        }
        Err(fault) => Err(fault.into()),
    }
}
