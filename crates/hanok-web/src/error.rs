//! The one table from kinds of fault to HTTP status, and the one error envelope of every surface.
//! It writes no page: `ui` renders its own from the same [`ApiError`].

use std::num::NonZeroU16;

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use hanok_domain::fault::{Fault, FaultKind};
use serde_json::{Value, json};

/// A fault on its way out over HTTP.
#[derive(Debug)]
pub struct ApiError(pub Fault);

impl<E: Into<Fault>> From<E> for ApiError {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

/// The status and the OpenAI error type of each kind.
pub fn status_of(kind: FaultKind) -> (StatusCode, &'static str) {
    match kind {
        FaultKind::Malformed => (StatusCode::BAD_REQUEST, "invalid_request_error"),
        FaultKind::Invalid => (StatusCode::UNPROCESSABLE_ENTITY, "invalid_request_error"),
        FaultKind::Unauthenticated => (StatusCode::UNAUTHORIZED, "authentication_error"),
        FaultKind::Forbidden => (StatusCode::FORBIDDEN, "permission_error"),
        FaultKind::NotFound => (StatusCode::NOT_FOUND, "invalid_request_error"),
        FaultKind::MethodNotAllowed => (StatusCode::METHOD_NOT_ALLOWED, "invalid_request_error"),
        FaultKind::NotAcceptable => (StatusCode::NOT_ACCEPTABLE, "invalid_request_error"),
        FaultKind::AddressTooLong => (StatusCode::URI_TOO_LONG, "invalid_request_error"),
        FaultKind::Conflict => (StatusCode::CONFLICT, "conflict_error"),
        FaultKind::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "invalid_request_error"),
        FaultKind::Unsupported => (StatusCode::UNSUPPORTED_MEDIA_TYPE, "invalid_request_error"),
        FaultKind::Limited => (StatusCode::TOO_MANY_REQUESTS, "rate_limit_error"),
        FaultKind::Overloaded => (StatusCode::SERVICE_UNAVAILABLE, "server_error"),
        FaultKind::StorageFull => (StatusCode::INSUFFICIENT_STORAGE, "server_error"),
        FaultKind::Upstream => (StatusCode::BAD_GATEWAY, "server_error"),
        FaultKind::UpstreamTimeout => (StatusCode::GATEWAY_TIMEOUT, "server_error"),
        FaultKind::Internal => (StatusCode::INTERNAL_SERVER_ERROR, "server_error"),
    }
}

/// What of a fault may leave the program: the text of our own mistakes stays in the log.
pub fn public(fault: &Fault) -> Fault {
    if fault.kind != FaultKind::Internal {
        return fault.clone();
    }
    Fault::new(
        FaultKind::Internal,
        "internal",
        "Something went wrong on our side.",
    )
    .remedy("The log has the reason under this request id.")
}

/// The envelope: OpenAI's four keys, and ours where they say something.
pub fn envelope(fault: &Fault) -> Value {
    let kind = match fault.code.as_ref() {
        // OpenAI names there what was used up.
        "rate_limit_exceeded" => "requests",
        "token_limit_exceeded" => "tokens",
        _ => status_of(fault.kind).1,
    };
    let shown = public(fault);
    let mut error = json!({
        "message": shown.to_string(),
        "type": kind,
        "param": shown.field,
        "code": shown.code,
    });
    if let Some(remedy) = &shown.remedy {
        error["remedy"] = json!(remedy);
    }
    if let Some(row) = shown.row {
        error["row"] = json!(row);
    }
    json!({ "error": error })
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let fault = self.0;
        let (status, _) = status_of(fault.kind);
        if status == StatusCode::INTERNAL_SERVER_ERROR {
            tracing::error!(code = %fault.code, "{}", fault.message);
        }
        let mut response = (status, Json(envelope(&fault))).into_response();
        let headers = response.headers_mut();
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(
                header::WWW_AUTHENTICATE,
                HeaderValue::from_static("Bearer realm=\"hanok\""),
            );
        }
        if matches!(
            status,
            StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE
        ) {
            let wait = HeaderValue::from(fault.retry_after.map_or(1, NonZeroU16::get));
            headers.insert(header::RETRY_AFTER, wait);
        }
        response.extensions_mut().insert(FaultSeen(fault));
        response
    }
}

/// Left on a response, so that the page layer can render the same fault as a page.
#[derive(Debug, Clone)]
pub struct FaultSeen(pub Fault);
