//! `POST /account/identities`: the signed-in person's account gets an identity at the provider.

use axum::extract::State;
use axum::http::header;
use axum::response::{Html, IntoResponse, Response};

use super::view::{self, OnwardView};
use super::{callback_address, set_browser};
use crate::access::client::Client;
use crate::access::guard::Signed;
use crate::app::App;
use crate::error::ApiError;
use crate::ui::visit::{Posted, Visit};

/// The action.
pub async fn link(
    State(app): State<App>,
    Signed(caller): Signed,
    client: Client,
    Visit(frame): Visit,
    _: Posted,
) -> Result<Response, ApiError> {
    let address = callback_address(&frame);
    let next = "/account/second-factor?done=identity_linked";
    let begun = app.studio.oidc_begin(&address, next, Some(&caller)).await?;
    // A form may not lead to another site, so that a page of ours goes there.
    let view = OnwardView { to: begun.location };
    let mut response = Html(view::render(&view, &frame)).into_response();
    if let Some(cookie) = set_browser(&begun.browser, client.secure) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    Ok(response)
}
