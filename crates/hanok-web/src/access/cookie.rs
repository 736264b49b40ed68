//! The session cookie: its name, attributes and reading.

use axum::http::{HeaderMap, HeaderValue, header};
use sha2::{Digest, Sha256};

/// Name of the session cookie. `__Host-` names need HTTPS, which comes with TLS.
pub const SESSION: &str = "hanok_session";

/// Reads a cookie by name.
pub fn read<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(key, value)| (key == name).then_some(value))
}

/// `Set-Cookie` that begins a session.
pub fn set_session(token: &str) -> Option<HeaderValue> {
    HeaderValue::from_str(&format!(
        "{SESSION}={token}; Path=/; HttpOnly; SameSite=Strict; Max-Age=43200"
    ))
    .ok()
}

/// `Set-Cookie` that ends a session.
pub fn clear_session() -> HeaderValue {
    HeaderValue::from_static("hanok_session=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0")
}

/// The token that forms of this session carry: derived from the session's, so nothing is stored.
pub fn csrf_token(session_token: &str) -> String {
    let mut digest = Sha256::new();
    digest.update(b"hanok csrf v1\0");
    digest.update(session_token.as_bytes());
    digest.finalize()[..16]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
