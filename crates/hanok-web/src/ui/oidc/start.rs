//! `GET /auth/oidc/start`: off to the provider.

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

use super::{callback_address, set_browser};
use crate::access::client::Client;
use crate::app::App;
use crate::error::ApiError;
use crate::extract::Query;
use crate::ui::visit::{Visit, local_path};

/// Where to go afterwards.
#[derive(Debug, Deserialize)]
pub struct NextQuery {
    #[serde(default)]
    next: String,
}

/// The action.
pub async fn start(
    State(app): State<App>,
    client: Client,
    Visit(frame): Visit,
    Query(query): Query<NextQuery>,
) -> Result<Response, ApiError> {
    let next = local_path(&query.next);
    let begun = app
        .studio
        .oidc_begin(&callback_address(&frame), next, None)
        .await?;
    let mut response = Redirect::to(&begun.location).into_response();
    if let Some(cookie) = set_browser(&begun.browser, client.secure) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    Ok(response)
}
