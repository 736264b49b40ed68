//! `POST /account/second-factor/recovery-codes`: new ones in the place of the old.

use axum::extract::State;
use axum::response::Response;

use super::view::Step;
use super::{is_of_form, page};
use crate::access::guard::Signed;
use crate::app::App;
use crate::error::ApiError;
use crate::ui::visit::{Posted, Visit};

/// The action.
pub async fn renew(
    State(app): State<App>,
    Signed(caller): Signed,
    Visit(frame): Visit,
    posted: Posted,
) -> Result<Response, ApiError> {
    let code = posted.get("renew_code");
    match app.studio.renew_recovery_codes(&caller, code).await {
        Ok(codes) => page(&app, &caller, &frame, Step::Codes(codes), None).await,
        Err(fault) if is_of_form(&fault) => {
            let wrong = Some(("renew_code", &fault));
            page(&app, &caller, &frame, Step::Overview, wrong).await
        }
        Err(fault) => Err(fault.into()),
    }
}
