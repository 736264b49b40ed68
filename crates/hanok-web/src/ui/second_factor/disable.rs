//! `POST /account/second-factor/disable`: the second factor is taken away.

use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};

use super::view::Step;
use super::{is_of_form, page};
use crate::access::guard::Signed;
use crate::app::App;
use crate::error::ApiError;
use crate::ui::visit::{Posted, Visit};

/// The action.
pub async fn disable(
    State(app): State<App>,
    Signed(caller): Signed,
    Visit(frame): Visit,
    posted: Posted,
) -> Result<Response, ApiError> {
    let code = posted.get("disable_code");
    match app.studio.disable_second_factor(&caller, code).await {
        Ok(()) => {
            let to = "/account/second-factor?done=second_factor_disabled";
            Ok(Redirect::to(to).into_response())
        }
        Err(fault) if is_of_form(&fault) => {
            let wrong = Some(("disable_code", &fault));
            page(&app, &caller, &frame, Step::Overview, wrong).await
        }
        Err(fault) => Err(fault.into()),
    }
}
