//! `POST /login`: name and password are checked, or the secret is redeemed; a session begins.

use std::collections::BTreeMap;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use hanok_domain::fault::{Fault, FaultKind};
use hanok_studio::access::Origin;
use hanok_studio::accounts::SignIn;

use super::view::{self, LoginView};
use crate::access::client::Client;
use crate::access::cookie;
use crate::access::guard::Came;
use crate::app::App;
use crate::error::{ApiError, status_of};
use crate::extract::Form;
use crate::ui::accounts::told::told;
use crate::ui::frame::Frame;
use crate::ui::visit::{Visit, local_path};

/// The action. Without a session there is no token yet: the guard looks at the origin alone.
pub async fn sign_in(
    State(app): State<App>,
    Visit(frame): Visit,
    client: Client,
    Came(origin): Came,
    headers: HeaderMap,
    Form(fields): Form<BTreeMap<String, String>>,
) -> Result<Response, ApiError> {
    let field = |name: &str| fields.get(name).map_or("", String::as_str);
    let view = LoginView {
        next: local_path(field("next")).to_owned(),
        name: field("name").to_owned(),
        error: None,
        by_secret: !field("secret").is_empty(),
        provider: app.studio.oidc_button().map(str::to_owned),
        code: false,
    };
    let signed = match view.by_secret {
        true => app.studio.sign_in(field("secret"), &origin).await,
        false => {
            let given = SignIn {
                name: view.name.clone(),
                password: field("password").to_owned(),
                code: fields.get("code").cloned(),
            };
            app.studio.sign_in_with_password(&given, &origin).await
        }
    };
    match signed {
        Ok(token) => {
            end_earlier(&app, &headers, client.secure, &origin).await;
            let mut response = Redirect::to(&view.next).into_response();
            if let Some(value) = cookie::set_session(&token, client.secure) {
                response.headers_mut().append(header::SET_COOKIE, value);
            }
            Ok(response)
        }
        Err(fault) => again(view, &frame, fault),
    }
}

/// A session that this browser had is over with the new one.
async fn end_earlier(app: &App, headers: &HeaderMap, secure: bool, origin: &Origin) {
    if let Some(earlier) = cookie::session(headers, secure)
        && let Err(fault) = app.studio.sign_out(earlier, origin).await
    {
        tracing::warn!(%fault, "an earlier session was not ended");
    }
}

fn again(mut view: LoginView, frame: &Frame, fault: Fault) -> Result<Response, ApiError> {
    let (status, _) = status_of(fault.kind);
    if status == StatusCode::INTERNAL_SERVER_ERROR {
        return Err(fault.into());
    }
    view.error = Some(match (fault.kind, view.by_secret) {
        (FaultKind::Unauthenticated, false) if asks_code(&fault) => {
            view.code = true;
            match fault.code == "wrong_code" {
                true => told(frame.lang, &fault),
                false => frame.lang.t("login.code.needed").to_owned(),
            }
        }
        (FaultKind::Unauthenticated, true) => frame.lang.t("login.failed").to_owned(),
        (FaultKind::Unauthenticated, false) => frame.lang.t("login.wrong").to_owned(),
        _ => told(frame.lang, &fault),
    });
    let mut response = (status, Html(view::render(&view, frame))).into_response();
    if let Some(seconds) = fault.retry_after {
        response
            .headers_mut()
            .insert(header::RETRY_AFTER, seconds.get().into());
    }
    Ok(response)
}

/// Whether the password was right and a code is wanting, or was wrong.
fn asks_code(fault: &Fault) -> bool {
    matches!(fault.code.as_ref(), "second_factor_required" | "wrong_code")
}
