//! `GET /auth/oidc/callback`: back from the provider.

use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::{Html, IntoResponse, Response};
use hanok_studio::accounts::oidc::{Finished, Returned};

use super::view::{self, OnwardView};
use super::{BROWSER, clear_browser};
use crate::access::client::Client;
use crate::access::cookie;
use crate::access::guard::Came;
use crate::app::App;
use crate::error::ApiError;
use crate::extract::Query;
use crate::ui::visit::Visit;

/// The action.
pub async fn callback(
    State(app): State<App>,
    client: Client,
    Visit(frame): Visit,
    Came(origin): Came,
    headers: HeaderMap,
    Query(returned): Query<Returned>,
) -> Result<Response, ApiError> {
    let browser = cookie::read(&headers, BROWSER).unwrap_or_default();
    let finished = app.studio.oidc_finish(&returned, browser, &origin).await?;
    let (token, next) = match finished {
        Finished::SignedIn { token, next } => (Some(token), next),
        Finished::Linked { next } => (None, next),
    };
    let mut response = Html(view::render(&OnwardView { to: next }, &frame)).into_response();
    let answer = response.headers_mut();
    if let Some(cookie) = clear_browser(client.secure) {
        answer.append(header::SET_COOKIE, cookie);
    }
    let session = token.and_then(|token| cookie::set_session(&token, client.secure));
    if let Some(cookie) = session {
        answer.append(header::SET_COOKIE, cookie);
    }
    Ok(response)
}
