//! Extractors that answer in our error envelope: JSON bodies, queries, idempotency keys, request ids.

use axum::extract::rejection::{JsonRejection, QueryRejection};
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts as Head;
use axum::http::{HeaderValue, StatusCode, header};
use hanok_domain::fault::{Fault, FaultKind};
use hanok_studio::Once;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

use crate::answer::too_large;
use crate::error::ApiError;
use crate::json;

/// A JSON body.
pub struct Json<T>(pub T);

impl<S, T> FromRequest<S> for Json<T>
where
    S: Send + Sync,
    T: DeserializeOwned,
{
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        if !json::is_json(request.headers()) {
            return Err(ApiError(not_json()));
        }
        let bytes = axum::body::Bytes::from_request(request, state)
            .await
            .map_err(|rejection| ApiError(unreadable(rejection.status())))?;
        json::check(&bytes)?;
        axum::Json::<T>::from_bytes(&bytes)
            .map(|axum::Json(value)| Self(value))
            .map_err(|rejection| ApiError(json_fault(&rejection)))
    }
}

/// A JSON body that may be left out.
pub struct Optional<T>(pub T);

impl<S, T> FromRequest<S> for Optional<T>
where
    S: Send + Sync,
    T: DeserializeOwned + Default,
{
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        let headers = request.headers();
        let length = headers.get(header::CONTENT_LENGTH);
        let none = length.is_none_or(|length| length == "0")
            && !headers.contains_key(header::TRANSFER_ENCODING);
        if none {
            return Ok(Self(T::default()));
        }
        Json::from_request(request, state)
            .await
            .map(|Json(value)| Self(value))
    }
}

fn json_fault(rejection: &JsonRejection) -> Fault {
    let text = rejection.body_text();
    match rejection.status() {
        StatusCode::UNPROCESSABLE_ENTITY => Fault::invalid("invalid_body", reason(&text)),
        _ => Fault::new(FaultKind::Malformed, "malformed_json", reason(&text)),
    }
}

fn not_json() -> Fault {
    Fault::new(
        FaultKind::Unsupported,
        "unsupported_media_type",
        "The body must be JSON.",
    )
    .remedy("Send the header 'Content-Type: application/json'.")
}

/// A body that did not arrive whole, or is over the limit.
fn unreadable(status: StatusCode) -> Fault {
    match status {
        StatusCode::PAYLOAD_TOO_LARGE => too_large(),
        _ => Fault::new(
            FaultKind::Malformed,
            "unreadable_body",
            "The body could not be read.",
        ),
    }
}

/// The fields of a page's form.
pub struct Form<T>(pub T);

impl<S, T> FromRequest<S> for Form<T>
where
    S: Send + Sync,
    T: DeserializeOwned,
{
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        let form = axum::extract::Form::<T>::from_request(request, state).await;
        form.map(|axum::extract::Form(value)| Self(value))
            .map_err(|rejection| {
                let text = "The form could not be read.";
                ApiError(match rejection.status() {
                    StatusCode::PAYLOAD_TOO_LARGE => too_large(),
                    StatusCode::UNSUPPORTED_MEDIA_TYPE => {
                        Fault::new(FaultKind::Unsupported, "unsupported_media_type", text)
                    }
                    _ => Fault::new(FaultKind::Malformed, "malformed_form", text),
                })
            })
    }
}

/// A form with files.
pub struct Parts(pub axum::extract::Multipart);

impl<S: Send + Sync> FromRequest<S> for Parts {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        let kind = request.headers().get(header::CONTENT_TYPE);
        let kind = kind.and_then(|v| v.to_str().ok()).unwrap_or_default();
        if !kind.to_ascii_lowercase().starts_with("multipart/form-data") {
            let text = "The body must be a form with a file.";
            let fault = Fault::new(FaultKind::Unsupported, "unsupported_media_type", text);
            return Err(ApiError(fault.remedy("Send multipart/form-data.")));
        }
        let parts = axum::extract::Multipart::from_request(request, state).await;
        parts.map(Self).map_err(|rejection| {
            let text = format!("The form could not be read: {}.", rejection.body_text());
            ApiError(Fault::new(
                FaultKind::Malformed,
                "malformed_multipart",
                text,
            ))
        })
    }
}

/// The part of a rejection that speaks of the input rather than of our types.
fn reason(text: &str) -> String {
    let detail = text.split_once(": ").map_or(text, |(_, rest)| rest);
    format!("The body cannot be used: {}.", without_values(detail))
}

/// What a parser says, without the text that it did not expect: that may be a secret in a wrong place.
pub(crate) fn without_values(told: &str) -> String {
    let value = told.find("string \"").zip(told.rfind("\", expected"));
    match value {
        Some((from, to)) if from + 8 <= to => {
            format!("{}{}", &told[..from + 6], &told[to + 1..])
        }
        _ => told.to_owned(),
    }
}

/// A query string.
pub struct Query<T>(pub T);

impl<S, T> FromRequestParts<S> for Query<T>
where
    S: Send + Sync,
    T: DeserializeOwned,
{
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Head, state: &S) -> Result<Self, ApiError> {
        axum::extract::Query::<T>::from_request_parts(parts, state)
            .await
            .map(|axum::extract::Query(value)| Self(value))
            .map_err(|rejection: QueryRejection| {
                ApiError(Fault::new(
                    FaultKind::Malformed,
                    "invalid_query",
                    reason(&rejection.body_text()).replace("The body", "The query"),
                ))
            })
    }
}

/// A JSON body with the `Idempotency-Key` of a creating POST; the key is bound to the body's hash.
pub struct Create<T>(pub T, pub Option<Once>);

impl<S, T> FromRequest<S> for Create<T>
where
    S: Send + Sync,
    T: DeserializeOwned,
{
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        let key = idempotency_key(request.headers())?;
        let route = format!("{} {}", request.method(), request.uri().path());
        let (parts, body) = request.into_parts();
        let bytes =
            axum::body::Bytes::from_request(Request::from_parts(parts.clone(), body), state)
                .await
                .map_err(|rejection| ApiError(unreadable(rejection.status())))?;
        let once = key.map(|key| Once::new(key, route, hex(&Sha256::digest(&bytes))));
        let request = Request::from_parts(parts, axum::body::Body::from(bytes));
        let Json(value) = Json::<T>::from_request(request, state).await?;
        Ok(Self(value, once))
    }
}

/// Reads and checks `Idempotency-Key`.
pub fn idempotency_key(headers: &axum::http::HeaderMap) -> Result<Option<String>, ApiError> {
    let Some(value) = headers.get("idempotency-key") else {
        return Ok(None);
    };
    match value.to_str() {
        Ok(key) if !key.is_empty() && key.len() <= 255 => Ok(Some(key.to_owned())),
        _ => Err(ApiError(Fault::new(
            FaultKind::Malformed,
            "invalid_idempotency_key",
            "Idempotency-Key must be 1 to 255 visible characters.",
        ))),
    }
}

/// The header by which a file is saved under its name: plainly for clients that know no more, and in the
/// form of RFC 6266, which takes every character.
pub fn attachment(name: &str) -> HeaderValue {
    let plain = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    let simple: String = name
        .chars()
        .map(|c| if plain(c) { c } else { '_' })
        .collect();
    let coded: String = name
        .bytes()
        .map(|byte| match char::from(byte) {
            c if plain(c) => c.to_string(),
            _ => format!("%{byte:02X}"),
        })
        .collect();
    let text = format!("attachment; filename=\"{simple}\"; filename*=UTF-8''{coded}");
    HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static("attachment"))
}

/// Lower-case hex.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The request's id, made at the door.
#[derive(Debug, Clone)]
pub struct RequestId(pub String);

impl<S: Sync> FromRequestParts<S> for RequestId {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Head, _: &S) -> Result<Self, ApiError> {
        Ok(parts
            .extensions
            .get::<Self>()
            .cloned()
            .unwrap_or_else(|| Self(String::new())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn g01_a_value_in_the_wrong_place_is_not_repeated() {
        let told = |text| without_values(text);
        assert_eq!(
            told("scopes: invalid type: string \"hk_x\", expected a sequence at line 1"),
            "scopes: invalid type: string, expected a sequence at line 1"
        );
        assert_eq!(
            told("invalid type: string \"a\", expected b\", expected u64"),
            "invalid type: string, expected u64"
        );
        for other in [
            "",
            "unknown field `x`",
            "invalid type: integer `1`, expected a string",
        ] {
            assert_eq!(told(other), other);
        }
    }
}
