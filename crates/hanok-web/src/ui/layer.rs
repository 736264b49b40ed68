//! Around every request of a browser for a page: a fault becomes a page in the frame, a chosen
//! language is remembered.

use axum::extract::{Request, State};
use axum::http::{HeaderValue, Method, header, request::Parts};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse, Response};

use super::errors::{self, ErrorView};
use super::lang::Lang;
use super::visit::{self, LANGUAGE};
use crate::access::client::Client;
use crate::access::cookie;
use crate::app::App;
use crate::error::{FaultSeen, public};
use crate::extract::RequestId;

/// Paths that answer programs, whatever they accept.
const PROGRAMS: [&str; 7] = [
    "/v1", "/api", "/worker", "/static", "/health", "/metrics", "/openapi",
];

/// Faults that say more than the page of their status.
const TELLING: [&str; 4] = [
    "stale_form",
    "account_disabled",
    "oidc_no_account",
    "oidc_no_role",
];

/// The layer.
pub async fn people(State(app): State<App>, request: Request, next: Next) -> Response {
    if !is_for_people(&request) {
        return next.run(request).await;
    }
    let (parts, body) = request.into_parts();
    let kept = copy(&parts);
    let mut response = next.run(Request::from_parts(parts, body)).await;
    if let Some(FaultSeen(fault)) = response.extensions().get::<FaultSeen>().cloned() {
        response = fault_page(&app, &kept, response, &public(&fault)).await;
    }
    let chosen = visit::value(kept.uri.query().unwrap_or_default(), "lang").and_then(Lang::parse);
    if let Some(lang) = chosen {
        let code = lang.code();
        let value = format!("{LANGUAGE}={code}; Path=/; Max-Age=31536000; SameSite=Lax");
        if let Ok(value) = HeaderValue::from_str(&value) {
            response.headers_mut().append(header::SET_COOKIE, value);
        }
    }
    response
}

fn is_for_people(request: &Request) -> bool {
    let path = request.uri().path();
    let accept = request
        .headers()
        .get(header::ACCEPT)
        .and_then(|v| v.to_str().ok());
    (request.method() == Method::GET || request.method() == Method::POST)
        && !PROGRAMS.iter().any(|prefix| path.starts_with(prefix))
        && accept.is_some_and(|accept| accept.contains("text/html"))
}

/// What an error page needs of a request whose body is already on its way.
fn copy(parts: &Parts) -> Parts {
    let mut request = Request::new(());
    *request.method_mut() = parts.method.clone();
    *request.uri_mut() = parts.uri.clone();
    *request.headers_mut() = parts.headers.clone();
    if let Some(id) = parts.extensions.get::<RequestId>() {
        request.extensions_mut().insert(id.clone());
    }
    if let Some(client) = parts.extensions.get::<Client>() {
        request.extensions_mut().insert(client.clone());
    }
    request.into_parts().0
}

async fn fault_page(
    app: &App,
    parts: &Parts,
    response: Response,
    fault: &hanok_domain::fault::Fault,
) -> Response {
    let caller = match cookie::session(&parts.headers, Client::of(parts).secure) {
        Some(token) => app.studio.caller_of_session(token).await.ok().flatten(),
        None => None,
    };
    let status = response.status();
    // Where the page has better words than the fault, it uses them.
    let own_words = matches!(status.as_u16(), 403 | 404 | 500) && !TELLING.contains(&&*fault.code);
    let view = ErrorView {
        status: status.as_u16(),
        message: if own_words {
            String::new()
        } else {
            fault.message.clone()
        },
        remedy: fault.remedy.clone().unwrap_or_default(),
        request_id: parts
            .extensions
            .get::<RequestId>()
            .map(|id| id.0.clone())
            .unwrap_or_default(),
    };
    let html = errors::render(&view, &visit::frame(app, parts, caller.as_ref()));
    let mut page = (status, Html(html)).into_response();
    for (name, value) in response.headers() {
        let told = *name == header::RETRY_AFTER
            || *name == header::ALLOW
            || name.as_str().starts_with("x-ratelimit");
        if told {
            page.headers_mut().insert(name, value.clone());
        }
    }
    page
}
