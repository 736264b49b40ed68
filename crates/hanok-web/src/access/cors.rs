//! Pages of other sites: those listed may call the API with an API key. A cookie never counts for them:
//! `Access-Control-Allow-Credentials` is not sent, and the origin check of cookies knows no list.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::app::App;

/// What a listed page may send.
const METHODS: &str = "GET, POST, DELETE";
const HEADERS: &str = "authorization, content-type, idempotency-key, if-none-match, last-event-id, \
    openai-beta, openai-organization, openai-project";
/// What it may read beside the body.
const EXPOSED: &str = "etag, retry-after, x-request-id, x-ratelimit-limit-requests, \
    x-ratelimit-remaining-requests, x-ratelimit-reset-requests";
/// How long a browser keeps the answer, seconds.
const KEPT: &str = "600";
/// The surfaces that programs call; pages are for our own site alone.
const SURFACES: [&str; 3] = ["/v1/", "/api/v1/", "/openapi.json"];

/// The origins that may call, as browsers write them; cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Origins(Arc<[String]>);

impl Origins {
    /// These; `*` for all.
    pub fn new(origins: Vec<String>) -> Self {
        Self(origins.into())
    }

    /// What is answered to an origin, if it may call: itself as it stands in the list, or `*`.
    fn answer(&self, origin: &HeaderValue) -> Option<HeaderValue> {
        let origin = origin.to_str().ok()?;
        let listed = self.0.iter().find(|listed| **listed == origin);
        let any = || self.0.iter().find(|listed| *listed == "*");
        HeaderValue::from_str(listed.or_else(any)?).ok()
    }
}

/// The layer.
pub async fn cors(State(app): State<App>, request: Request, next: Next) -> Response {
    let origins = &app.config.protection.origins;
    let path = request.uri().path();
    if origins.0.is_empty() || !SURFACES.iter().any(|place| path.starts_with(place)) {
        return next.run(request).await;
    }
    let allowed = sole(request.headers()).and_then(|origin| origins.answer(origin));
    let asks = request.method() == Method::OPTIONS
        && request
            .headers()
            .contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
    let mut response = match (asks, &allowed) {
        (true, Some(_)) => preflight(),
        _ => next.run(request).await,
    };
    let headers = response.headers_mut();
    headers.append(header::VARY, HeaderValue::from_static("origin"));
    if let Some(origin) = allowed {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        put(headers, header::ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
    }
    response
}

/// A request has one origin; one with two has none.
fn sole(headers: &HeaderMap) -> Option<&HeaderValue> {
    let mut origins = headers.get_all(header::ORIGIN).iter();
    let first = origins.next()?;
    origins.next().is_none().then_some(first)
}

fn preflight() -> Response {
    let mut response = StatusCode::NO_CONTENT.into_response();
    let headers = response.headers_mut();
    put(headers, header::ACCESS_CONTROL_ALLOW_METHODS, METHODS);
    put(headers, header::ACCESS_CONTROL_ALLOW_HEADERS, HEADERS);
    put(headers, header::ACCESS_CONTROL_MAX_AGE, KEPT);
    response
}

fn put(headers: &mut HeaderMap, name: HeaderName, value: &'static str) {
    headers.insert(name, HeaderValue::from_static(value));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_very_origin_is_answered() {
        let origins = Origins::new(vec!["https://app.example".into()]);
        let of = |text: &'static str| origins.answer(&HeaderValue::from_static(text));
        assert_eq!(of("https://app.example").unwrap(), "https://app.example");
        for other in [
            "null",
            "",
            "*",
            "http://app.example",
            "https://app.example:444",
            "https://app.example.evil.example",
            "https://evilapp.example",
            "https://APP.example",
            "https://app.example/",
        ] {
            assert_eq!(of(other), None, "{other}");
        }
        let any = Origins::new(vec!["*".into()]);
        assert_eq!(any.answer(&HeaderValue::from_static("null")).unwrap(), "*");
    }
}
