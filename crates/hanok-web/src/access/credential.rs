//! Where a credential may stand: `Authorization: Bearer` or `x-api-key`, one of them; a browser's session in
//! its cookie. Never in the query, which ends up in logs. Does not know whose a credential is.

use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use hanok_domain::fault::{Fault, FaultKind};

use super::cookie;
use super::guard::unauthenticated;
use crate::error::ApiError;

/// As Anthropic's clients send a key.
const API_KEY: HeaderName = HeaderName::from_static("x-api-key");
/// No credential of ours comes near this.
const LONGEST: usize = 2048;
/// What session tokens begin with.
const SESSION: &str = "hs_";
/// Names under which other programs take a credential from the query.
const IN_QUERY: [&str; 3] = ["api_key", "access_token", "key"];

/// What a request shows.
#[derive(Debug, PartialEq, Eq)]
pub enum Shown<'a> {
    /// `Authorization: Bearer`: a key or a token.
    Bearer(&'a str),
    /// `x-api-key`: a key.
    Key(&'a str),
    /// A browser's session.
    Session(&'a str),
}

/// The one credential of a request.
///
/// # Errors
/// None, one that cannot be read, or two that differ: nobody knows then which of them is meant.
pub fn shown(headers: &HeaderMap, secure: bool) -> Result<Shown<'_>, Fault> {
    let bearer = bearer(headers)?;
    let key = only(headers, &API_KEY)?.map(text).transpose()?;
    // A key in the cookie is no session.
    let session = cookie::session(headers, secure).filter(|token| token.starts_with(SESSION));
    match (bearer, key, session) {
        (Some(bearer), None, None) => Ok(Shown::Bearer(bearer)),
        (Some(bearer), Some(key), None) if bearer == key => Ok(Shown::Key(key)),
        (None, Some(key), None) => Ok(Shown::Key(key)),
        (None, None, Some(session)) => Ok(Shown::Session(session)),
        _ => Err(unauthenticated()),
    }
}

/// Whether anything is shown as a credential, be it one or not.
pub fn any(headers: &HeaderMap, secure: bool) -> bool {
    headers.contains_key(header::AUTHORIZATION)
        || headers.contains_key(&API_KEY)
        || cookie::session(headers, secure).is_some()
}

/// The text after `Bearer`, if there is one.
///
/// # Errors
/// Another scheme, several of them, or what cannot be a credential of ours.
pub fn bearer(headers: &HeaderMap) -> Result<Option<&str>, Fault> {
    let Some(value) = only(headers, &header::AUTHORIZATION)? else {
        return Ok(None);
    };
    let token = value
        .to_str()
        .ok()
        .and_then(|v| v.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .map(|(_, token)| token.trim())
        .filter(|token| !token.is_empty() && token.len() <= LONGEST);
    token.map(Some).ok_or_else(unauthenticated)
}

fn text(value: &HeaderValue) -> Result<&str, Fault> {
    let text = value.to_str().ok().map(str::trim);
    text.filter(|text| !text.is_empty() && text.len() <= LONGEST)
        .ok_or_else(unauthenticated)
}

fn only<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Result<Option<&'h HeaderValue>, Fault> {
    let mut all = headers.get_all(name).iter();
    match (all.next(), all.next()) {
        (_, Some(_)) => Err(unauthenticated()),
        (one, None) => Ok(one),
    }
}

/// Refuses requests that carry a credential in the query, before anything else is done for them.
pub async fn refuse_in_query(request: Request, next: Next) -> Response {
    if !request.uri().query().is_some_and(in_query) {
        return next.run(request).await;
    }
    let text = "A credential does not belong into an address, which is kept in logs and histories.";
    let fault = Fault::new(FaultKind::Malformed, "credential_in_query", text)
        .remedy("Send it as 'Authorization: Bearer …', and make a new one in the place of this.");
    ApiError(fault).into_response()
}

fn in_query(query: &str) -> bool {
    let names = query
        .split('&')
        .map(|pair| pair.split('=').next().unwrap_or_default());
    names
        .map(|name| decoded(name).to_ascii_lowercase())
        .any(|name| IN_QUERY.iter().any(|known| name == known.as_bytes()))
}

/// A name without its percent escapes.
fn decoded(name: &str) -> Vec<u8> {
    let bytes = name.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let escape = bytes.get(at + 1..at + 3).filter(|_| bytes[at] == b'%');
        let byte = escape
            .and_then(|digits| std::str::from_utf8(digits).ok())
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        out.push(byte.unwrap_or(bytes[at]));
        at += if byte.is_some() { 3 } else { 1 };
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&str, &str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            let name: HeaderName = name.parse().unwrap();
            headers.append(name, value.parse().unwrap());
        }
        headers
    }

    #[test]
    fn a09_one_credential_in_its_place_counts_and_two_do_not() {
        let bearer = ("authorization", "bearer a");
        let session = ("cookie", "hanok_session=hs_c");
        let sees = |pairs: &[(&str, &str)], wanted: Shown<'_>| {
            assert_eq!(shown(&headers(pairs), false).unwrap(), wanted, "{pairs:?}");
        };
        sees(&[bearer], Shown::Bearer("a"));
        sees(&[("x-api-key", "a")], Shown::Key("a"));
        sees(&[bearer, ("x-api-key", "a")], Shown::Key("a"));
        sees(&[session], Shown::Session("hs_c"));
        sees(
            &[bearer, ("cookie", "hanok_session=hk_c")],
            Shown::Bearer("a"),
        );
        for refused in [
            &[][..],
            &[bearer, ("x-api-key", "b")],
            &[bearer, session],
            &[bearer, ("authorization", "bearer b")],
            &[bearer, bearer],
            &[("x-api-key", "a"), ("x-api-key", "a")],
            &[("x-api-key", "a"), session],
            &[("authorization", "basic a"), session],
            &[("authorization", "bearer "), session],
            &[("x-api-key", " "), session],
            &[("cookie", "hanok_session=hk_c")],
        ] {
            assert!(shown(&headers(refused), false).is_err(), "{refused:?}");
        }
    }

    #[test]
    fn a09_a_credential_in_the_query_is_seen_however_it_is_spelt() {
        for seen in [
            "key=a",
            "a=b&api_key=",
            "access_token",
            "%6bey=a",
            "API_KEY=a",
            "%4Bey=1",
        ] {
            assert!(in_query(seen), "{seen}");
        }
        for plain in [
            "",
            "keys=a",
            "a=key",
            "api-key=a",
            "monkey=1",
            "%",
            "%zzkey=1",
            "next=/%3Fkey",
        ] {
            assert!(!in_query(plain), "{plain}");
        }
    }
}
