//! `POST /logout`: the session ends.

use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Redirect, Response};

use crate::access::client::Client;
use crate::access::cookie;
use crate::access::guard::Came;
use crate::app::App;
use crate::error::ApiError;
use crate::ui::visit::Posted;

/// The action.
pub async fn sign_out(
    State(app): State<App>,
    client: Client,
    Came(origin): Came,
    headers: HeaderMap,
    _: Posted,
) -> Result<Response, ApiError> {
    if let Some(token) = cookie::session(&headers, client.secure) {
        app.studio.sign_out(token, &origin).await?;
    }
    let mut response = Redirect::to("/login").into_response();
    if let Some(value) = cookie::clear_session(client.secure) {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
    Ok(response)
}
