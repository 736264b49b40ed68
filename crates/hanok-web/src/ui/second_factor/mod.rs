//! The second factor of the person who is signed in: shown, enrolled, renewed, taken away.

pub mod confirm;
pub mod disable;
pub mod offer;
pub mod qr;
pub mod recovery_codes;
pub mod show;
pub mod view;

use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use hanok_domain::fault::{Fault, FaultKind};
use hanok_studio::access::Caller;

use self::view::{Step, View};
use super::accounts::told::told as refusal;
use super::frame::Frame;
use crate::app::App;
use crate::error::ApiError;

/// The page at one of its steps; under the form of the fault that it is about.
async fn page(
    app: &App,
    caller: &Caller,
    frame: &Frame,
    step: Step,
    wrong: Option<(&'static str, &Fault)>,
) -> Result<Response, ApiError> {
    let status = match wrong {
        Some((_, fault)) if fault.kind == FaultKind::Limited => StatusCode::TOO_MANY_REQUESTS,
        Some(_) => StatusCode::UNPROCESSABLE_ENTITY,
        None => StatusCode::OK,
    };
    let wait = wrong.and_then(|(_, fault)| fault.retry_after);
    let view = View {
        factor: app.studio.second_factor(caller).await?,
        identities: match app.studio.oidc_button() {
            Some(_) => Some(app.studio.identities(caller).await?),
            None => None,
        },
        step,
        wrong: wrong.map(|(form, fault)| (form, told(frame, fault))),
    };
    let mut response = (status, Html(view::render(&view, frame))).into_response();
    if let Some(seconds) = wait {
        let headers = response.headers_mut();
        headers.insert(header::RETRY_AFTER, seconds.get().into());
    }
    Ok(response)
}

/// Whether a fault is told beside the form rather than as a page.
fn is_of_form(fault: &Fault) -> bool {
    fault.kind == FaultKind::Unauthenticated
        || matches!(&*fault.code, "sign_in_not_fresh" | "locked_out")
}

fn told(frame: &Frame, fault: &Fault) -> String {
    let l = frame.lang;
    let text = match &*fault.code {
        "sign_in_not_fresh" => l.t("second.stale"),
        "second_factor_required" => l.t("second.missing"),
        "wrong_code" => l.t("second.wrong"),
        _ => return refusal(l, fault),
    };
    text.to_owned()
}
