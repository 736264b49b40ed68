//! `POST /login`: the secret is redeemed, a session begins.

use std::collections::BTreeMap;

use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use hanok_domain::fault::{Fault, FaultKind};

use super::view::{self, LoginView};
use crate::access::client::Client;
use crate::access::{cookie, origin};
use crate::app::App;
use crate::error::ApiError;
use crate::extract::Form;
use crate::ui::visit::{Visit, local_path};

/// The action.
pub async fn sign_in(
    State(app): State<App>,
    Visit(frame): Visit,
    client: Client,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    Form(fields): Form<BTreeMap<String, String>>,
) -> Result<Response, ApiError> {
    // Without a session there is no token yet: the origin alone says that the form is ours.
    if !origin::same_origin(&method, &headers, &uri) {
        let text = "This request comes from another site's page.";
        return Err(Fault::new(FaultKind::Forbidden, "cross_site_request", text).into());
    }
    let field = |name: &str| fields.get(name).map_or("", String::as_str);
    let agent = headers
        .get(header::USER_AGENT)
        .and_then(|v| v.to_str().ok());
    let signed = app
        .studio
        .sign_in(
            field("secret"),
            agent.unwrap_or_default(),
            &client.address.to_string(),
        )
        .await;
    let next = local_path(field("next")).to_owned();
    match signed {
        Ok(token) => {
            let mut response = Redirect::to(&next).into_response();
            if let Some(value) = cookie::set_session(&token, client.secure) {
                response.headers_mut().append(header::SET_COOKIE, value);
            }
            Ok(response)
        }
        Err(fault) if fault.kind == FaultKind::Unauthenticated => {
            let view = LoginView {
                next,
                error: Some(frame.lang.t("login.failed").to_owned()),
            };
            Ok((StatusCode::UNAUTHORIZED, Html(view::render(&view, &frame))).into_response())
        }
        Err(fault) => Err(fault.into()),
    }
}
