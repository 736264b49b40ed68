//! `POST /logout`: the session ends.

use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Redirect, Response};

use crate::access::cookie;
use crate::app::App;
use crate::error::ApiError;
use crate::ui::visit::Posted;

/// The action.
pub async fn sign_out(
    State(app): State<App>,
    headers: HeaderMap,
    _: Posted,
) -> Result<Response, ApiError> {
    if let Some(token) = cookie::read(&headers, cookie::SESSION) {
        app.studio.sign_out(token).await?;
    }
    let mut response = Redirect::to("/login").into_response();
    response
        .headers_mut()
        .append(header::SET_COOKIE, cookie::clear_session());
    Ok(response)
}
