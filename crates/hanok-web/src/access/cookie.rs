//! The session cookie: its name, attributes and reading.

use axum::http::{HeaderMap, HeaderValue, header};
use sha2::{Digest, Sha256};

/// Name of the session cookie. Under HTTPS browsers take it from nobody but this very host (`__Host-`);
/// a cookie of the other transport's name is none.
const fn name(secure: bool) -> &'static str {
    match secure {
        true => "__Host-hanok_session",
        false => "hanok_session",
    }
}

/// The session's token of a request, by the one name that fits its transport.
pub fn session(headers: &HeaderMap, secure: bool) -> Option<&str> {
    read(headers, name(secure))
}

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
pub fn set_session(token: &str, secure: bool) -> Option<HeaderValue> {
    HeaderValue::from_str(&cookie(token, 43_200, secure)).ok()
}

/// `Set-Cookie` that ends a session.
pub fn clear_session(secure: bool) -> Option<HeaderValue> {
    HeaderValue::from_str(&cookie("", 0, secure)).ok()
}

fn cookie(token: &str, seconds: u32, secure: bool) -> String {
    let name = name(secure);
    let only = if secure { "Secure; " } else { "" };
    format!("{name}={token}; {only}HttpOnly; SameSite=Strict; Path=/; Max-Age={seconds}")
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn f05s_each_transport_has_its_cookie_and_reads_no_other() {
        let plain = set_session("a", false).unwrap();
        let attributes = "HttpOnly; SameSite=Strict; Path=/; Max-Age=43200";
        assert_eq!(plain, format!("hanok_session=a; {attributes}"));
        let secure = set_session("a", true).unwrap();
        assert_eq!(
            secure,
            format!("__Host-hanok_session=a; Secure; {attributes}")
        );
        let end = clear_session(true).unwrap();
        assert_eq!(
            end,
            "__Host-hanok_session=; Secure; HttpOnly; SameSite=Strict; Path=/; Max-Age=0"
        );
        let mut headers = HeaderMap::new();
        headers.insert(header::COOKIE, HeaderValue::from_static("hanok_session=a"));
        assert_eq!(session(&headers, false), Some("a"));
        assert_eq!(session(&headers, true), None);
        headers.insert(
            header::COOKIE,
            HeaderValue::from_static("__Host-hanok_session=b"),
        );
        assert_eq!(session(&headers, false), None);
        assert_eq!(session(&headers, true), Some("b"));
    }
}
