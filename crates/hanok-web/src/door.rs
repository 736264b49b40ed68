//! What happens to every request before and after its route: an id, the log line, the security
//! headers, a panic turned into an answer. It decides about no caller.

use std::time::Instant;

use axum::body::to_bytes;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use hanok_domain::fault::{Fault, FaultKind};
use hanok_domain::id;

use crate::access::client::Client;
use crate::app::App;
use crate::error::{ApiError, FaultSeen};
use crate::extract::RequestId;
use crate::metrics::Metrics;

/// Longest path and query together.
const MAX_ADDRESS: usize = 8 << 10;
/// What is read of the framework's own words.
const MAX_WORDS: usize = 4 << 10;

const HEADERS: &[(&str, &str)] = &[
    (
        "content-security-policy",
        "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    ),
    ("x-frame-options", "DENY"),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "same-origin"),
    (
        "permissions-policy",
        "camera=(), geolocation=(), microphone=(), payment=()",
    ),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("x-xss-protection", "0"),
];

/// Browsers that saw it ask this host by HTTPS alone, for a year.
const HSTS: HeaderValue = HeaderValue::from_static("max-age=31536000; includeSubDomains");

/// Gives the request an id, answers with it, counts it, logs one line, and adds the security headers.
pub async fn door(State(app): State<App>, request: Request, next: Next) -> Response {
    pass(&app.metrics, request, next).await
}

async fn pass(metrics: &Metrics, mut request: Request, next: Next) -> Response {
    let started = Instant::now();
    let _open = metrics.request();
    let request_id = id::new("req");
    let method = request.method().clone();
    let path = request.uri().path().to_owned();
    let route = request.extensions().get::<MatchedPath>().cloned();
    let client = request.extensions().get::<Client>().cloned();
    request
        .extensions_mut()
        .insert(RequestId(request_id.clone()));
    let mut response = next.run(request).await;
    let (elapsed, status) = (started.elapsed(), response.status().as_u16());
    let route = route.as_ref().map(MatchedPath::as_str);
    metrics.answered(&method, route, status, elapsed);
    secure(response.headers_mut());
    if client.as_ref().is_some_and(|client| client.secure) {
        let headers = response.headers_mut();
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HSTS);
    }
    if let Ok(value) = HeaderValue::from_str(&request_id) {
        response.headers_mut().insert("x-request-id", value);
    }
    tracing::info!(
        target: "hanok_web::access",
        %method,
        path = %escaped(&path),
        client = client.map(|client| tracing::field::display(client.address)),
        status,
        elapsed_us = elapsed.as_micros() as u64,
        request_id,
    );
    response
}

fn secure(headers: &mut HeaderMap) {
    for (name, value) in HEADERS {
        headers
            .entry(HeaderName::from_static(name))
            .or_insert(HeaderValue::from_static(value));
    }
    // Answers are private unless their route said otherwise.
    headers
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
}

/// One line in the log, whatever the path holds.
fn escaped(path: &str) -> String {
    path.chars()
        .take(200)
        .flat_map(char::escape_default)
        .collect()
}

/// What a panic in a handler becomes.
pub fn panicked(panic: Box<dyn std::any::Any + Send + 'static>) -> Response {
    let reason = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("unknown");
    ApiError(Fault::internal(format!("a handler panicked: {reason}"))).into_response()
}

/// What is not mounted.
pub async fn nowhere(State(app): State<App>, request: Request) -> ApiError {
    let path = request.uri().path();
    if let Some(fault) = app.config.protection.rooms.fault(path) {
        return ApiError(fault);
    }
    ApiError(Fault::not_found("page or endpoint", &escaped(path)))
}

/// A method that a path does not have; the router adds those that it has.
pub async fn no_method(request: Request) -> Response {
    let method = escaped(request.method().as_str());
    let text = format!("{method} is not possible here.");
    let fault = Fault::new(FaultKind::MethodNotAllowed, "method_not_allowed", text);
    ApiError(fault).into_response()
}

/// Turns away what no route is for, and gives every refusal the envelope, also those of the router's own.
pub async fn well_formed(request: Request, next: Next) -> Response {
    let uri = request.uri();
    let length = uri.path().len() + uri.query().map_or(0, str::len);
    if length > MAX_ADDRESS {
        let text = format!("The address is longer than {MAX_ADDRESS} characters.");
        let fault = Fault::new(FaultKind::AddressTooLong, "uri_too_long", text);
        return ApiError(fault).into_response();
    }
    if matches!(*request.method(), Method::TRACE | Method::CONNECT) {
        let mut response = no_method(request).await;
        let allow = HeaderValue::from_static("GET, HEAD, POST, DELETE");
        response.headers_mut().insert(header::ALLOW, allow);
        return response;
    }
    enveloped(next.run(request).await).await
}

/// An answer in plain words of the framework, in the envelope.
async fn enveloped(response: Response) -> Response {
    let status = response.status();
    let kind = response.headers().get(header::CONTENT_TYPE);
    let plain = kind.is_none_or(|kind| kind.as_bytes().starts_with(b"text/plain"));
    let ours = response.extensions().get::<FaultSeen>().is_some();
    if !(status.is_client_error() || status.is_server_error()) || !plain || ours {
        return response;
    }
    let (parts, body) = response.into_parts();
    let said = to_bytes(body, MAX_WORDS).await.unwrap_or_default();
    let said = String::from_utf8_lossy(&said);
    let (kind, code) = match status {
        StatusCode::NOT_FOUND => (FaultKind::NotFound, "not_found"),
        StatusCode::PAYLOAD_TOO_LARGE => (FaultKind::TooLarge, "body_too_large"),
        StatusCode::UNSUPPORTED_MEDIA_TYPE => (FaultKind::Unsupported, "unsupported_media_type"),
        StatusCode::UNPROCESSABLE_ENTITY => (FaultKind::Invalid, "invalid_request"),
        _ if status.is_server_error() => (FaultKind::Internal, "internal"),
        _ => (FaultKind::Malformed, "malformed_request"),
    };
    let text = match said.trim() {
        "" => status.canonical_reason().unwrap_or("Refused").to_owned(),
        said => said.to_owned(),
    };
    let mut told = with_status(status, Fault::new(kind, code, text));
    for (name, value) in &parts.headers {
        if *name != header::CONTENT_TYPE && *name != header::CONTENT_LENGTH {
            told.headers_mut().append(name, value.clone());
        }
    }
    told
}

/// A fault under a status that its kind does not have.
fn with_status(status: StatusCode, fault: Fault) -> Response {
    let mut response = ApiError(fault).into_response();
    *response.status_mut() = status;
    response
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::body::Body;
    use axum::middleware::from_fn;
    use axum::routing::get;
    use tower::ServiceExt;
    use tower_http::catch_panic::CatchPanicLayer;

    use super::*;

    #[tokio::test]
    async fn f15_a_handler_that_panics_is_a_500_with_a_request_id() {
        async fn broken() -> &'static str {
            panic!("the secret reason")
        }
        let router: Router = Router::new()
            .route("/broken", get(broken))
            .route("/well", get(async || "well"))
            .layer(CatchPanicLayer::custom(panicked))
            .layer(from_fn(|request, next| async move {
                pass(&Metrics::default(), request, next).await
            }));
        let call = async |path: &str| {
            let request = Request::builder().uri(path).body(Body::empty()).unwrap();
            router.clone().oneshot(request).await.unwrap()
        };
        let answer = call("/broken").await;
        assert_eq!(answer.status(), StatusCode::INTERNAL_SERVER_ERROR);
        assert!(answer.headers().contains_key("x-request-id"));
        let body = axum::body::to_bytes(answer.into_body(), 1 << 20).await;
        let text = String::from_utf8(body.unwrap().to_vec()).unwrap();
        assert!(
            text.contains("\"internal\"") && !text.contains("secret"),
            "{text}"
        );
        assert_eq!(call("/well").await.status(), StatusCode::OK);
    }
}
