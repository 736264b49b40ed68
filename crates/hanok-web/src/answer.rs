//! What holds for every mounted route once its caller may call it: what it offers is wanted, its body is not too
//! large, it answers in time, and where it is kept by clients it says whether it has changed.

use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use hanok_domain::fault::{Fault, FaultKind};
use sha2::{Digest, Sha256};

use crate::access::guard::GuardState;
use crate::error::ApiError;
use crate::extract::hex;
use crate::gate::Class;
use crate::openapi::operations::{self, Body as Kind};
use crate::routes::Policy;

/// Longer answers get no tag: what a client saves is not worth hashing them.
const MOST_TAGGED: usize = 4 << 20;

/// Runs the route.
pub async fn answer(state: &GuardState, parts: Parts, body: Body, next: Next) -> Response {
    if let Some(refusal) = refusal(state, &parts) {
        return refusal;
    }
    let known = parts.headers.get_all(header::IF_NONE_MATCH).iter().cloned();
    let known: Vec<HeaderValue> = if state.kept {
        known.collect()
    } else {
        Vec::new()
    };
    let run = next.run(Request::from_parts(parts, body));
    let response = match patience(state) {
        None => run.await,
        Some(patience) => match tokio::time::timeout(patience, run).await {
            Ok(response) => response,
            Err(_) => ApiError(too_slow(patience)).into_response(),
        },
    };
    match state.kept {
        true => tagged(response, &known).await,
        false => response,
    }
}

fn refusal(state: &GuardState, parts: &Parts) -> Option<Response> {
    let length = parts.headers.get(header::CONTENT_LENGTH);
    let length: Option<u64> = length.and_then(|v| v.to_str().ok()?.parse().ok());
    let most = state.app.config.max_request as u64;
    if !state.upload && length.is_some_and(|length| length > most) {
        return Some(ApiError(too_large()).into_response());
    }
    let accept: Vec<&str> = parts
        .headers
        .get_all(header::ACCEPT)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .collect();
    let wanted = accept.is_empty()
        || state.offers.is_empty()
        || state.offers.iter().any(|offer| accepts(&accept, offer));
    if wanted {
        return None;
    }
    let text = format!("This answers with {} alone.", state.offers.join(" or "));
    let fault = Fault::new(FaultKind::NotAcceptable, "not_acceptable", text);
    Some(ApiError(fault).into_response())
}

/// A body over the limit.
pub fn too_large() -> Fault {
    Fault::new(
        FaultKind::TooLarge,
        "body_too_large",
        "The body is larger than this server takes.",
    )
}

/// The media types of a route; none where it is a page, or answers whatever is asked for.
pub fn offers(method: &str, path: &str, class: Class) -> Vec<&'static str> {
    let Some(operation) = operations::find(method, path) else {
        return Vec::new();
    };
    match operation.gives {
        _ if class == Class::Exempt => Vec::new(),
        Kind::Json(_) | Kind::List(_) if class == Class::Inference => {
            vec!["application/json", "text/event-stream"]
        }
        Kind::Json(_) | Kind::List(_) => vec!["application/json"],
        Kind::Events => vec!["text/event-stream", "application/json"],
        Kind::Rows => vec!["application/jsonl", "text/csv"],
        Kind::Text(kind) => vec![kind],
        // A file is saved, whatever it is: clients write anything here.
        Kind::Bytes(_) | Kind::None | Kind::Form(_) | Kind::Socket => Vec::new(),
    }
}

/// Whether `Accept` takes a media type; one that it names with a weight of nought it does not.
fn accepts(accept: &[&str], offer: &str) -> bool {
    let family = offer.split('/').next().unwrap_or_default();
    let ranges = accept.iter().flat_map(|value| value.split(','));
    let mut best: Option<(u8, bool)> = None;
    for range in ranges {
        let mut parts = range.split(';').map(str::trim);
        let name = parts.next().unwrap_or_default().to_ascii_lowercase();
        let weight = parts.find_map(|part| part.strip_prefix("q=")?.parse::<f32>().ok());
        let precision = match name.as_str() {
            "*/*" | "*" => 0,
            name if name.strip_suffix("/*") == Some(family) => 1,
            name if name == offer => 2,
            _ => continue,
        };
        if best.is_none_or(|(before, _)| precision >= before) {
            best = Some((precision, weight.is_none_or(|weight| weight > 0.0)));
        }
    }
    best.is_some_and(|(_, wanted)| wanted)
}

/// Uploads, models and long checks take what they take; what streams has answered by then.
fn patience(state: &GuardState) -> Option<Duration> {
    let patient = state.upload
        || state.class == Class::Inference
        || matches!(state.policy, Policy::Worker | Policy::Local);
    (!patient).then_some(state.app.config.protection.request_timeout)
}

fn too_slow(patience: Duration) -> Fault {
    let text = format!(
        "This took longer than {} s and was given up.",
        patience.as_secs()
    );
    let fault = Fault::new(FaultKind::Overloaded, "took_too_long", text);
    fault.remedy("Try again when the server has less to do.")
}

/// Adds a tag of the body, and leaves the body out where the client has the same one.
async fn tagged(response: Response, known: &[HeaderValue]) -> Response {
    let (mut parts, body) = response.into_parts();
    let size = axum::body::HttpBody::size_hint(&body).exact();
    let fits = size.is_some_and(|size| size <= MOST_TAGGED as u64);
    if parts.status != StatusCode::OK || !fits {
        return Response::from_parts(parts, body);
    }
    let Ok(bytes) = to_bytes(body, MOST_TAGGED).await else {
        let fault = Fault::internal("an answer in memory could not be read");
        return ApiError(fault).into_response();
    };
    // Weak: the same answer may go out under another coding.
    let tag = format!("W/\"{}\"", &hex(&Sha256::digest(&bytes))[..32]);
    let same = is_known(known, &tag);
    if let Ok(value) = HeaderValue::from_str(&tag) {
        parts.headers.insert(header::ETAG, value);
    }
    let ask_again = HeaderValue::from_static("private, no-cache");
    parts.headers.insert(header::CACHE_CONTROL, ask_again);
    if !same {
        return Response::from_parts(parts, Body::from(bytes));
    }
    parts.status = StatusCode::NOT_MODIFIED;
    drop_body(&mut parts.headers);
    Response::from_parts(parts, Body::empty())
}

fn drop_body(headers: &mut HeaderMap) {
    headers.remove(header::CONTENT_LENGTH);
    headers.remove(header::CONTENT_TYPE);
}

/// Whether `If-None-Match` names a tag, by the weak comparison.
pub fn is_known(known: &[HeaderValue], tag: &str) -> bool {
    let bare = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    let ours = bare(tag);
    let listed = known.iter().filter_map(|value| value.to_str().ok());
    listed
        .flat_map(|value| value.split(','))
        .any(|one| one.trim() == "*" || bare(one) == ours)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wanted_is_read_by_precision() {
        let json = "application/json";
        for (accept, wanted) in [
            ("*/*", true),
            ("application/*", true),
            ("text/html, application/json;q=0.1", true),
            ("text/html, */*;q=0.8", true),
            ("Application/JSON; charset=utf-8", true),
            ("text/html", false),
            ("application/json;q=0", false),
            ("*/*, application/json;q=0", false),
            ("application/xml, image/*", false),
            ("", false),
        ] {
            assert_eq!(accepts(&[accept], json), wanted, "{accept}");
        }
    }

    #[test]
    fn tags_are_compared_weakly() {
        let known = |text: &'static str| is_known(&[HeaderValue::from_static(text)], "W/\"a\"");
        for yes in ["W/\"a\"", "\"a\"", "\"b\", W/\"a\"", "*"] {
            assert!(known(yes), "{yes}");
        }
        assert!(!known("\"b\"") && !known("a") && !is_known(&[], "W/\"a\""));
    }
}
