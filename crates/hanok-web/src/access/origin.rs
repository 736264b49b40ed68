//! The origin check of unsafe requests that carry a cookie: another site's page must not act as the person.

use axum::http::{HeaderMap, Method, Uri, header};

use super::host;

/// Whether an unsafe request comes from our own pages (or from no page at all).
pub fn same_origin(method: &Method, headers: &HeaderMap, uri: &Uri) -> bool {
    // A WebSocket begins with a GET that browsers send to any site, cookies and all.
    if method.is_safe() && !headers.contains_key(header::UPGRADE) {
        return true;
    }
    let site = headers.get("sec-fetch-site");
    if site.is_some_and(|site| site != "same-origin" && site != "none") {
        return false;
    }
    let Some(origin) = headers.get(header::ORIGIN) else {
        // A browser sends Origin with every unsafe request; without it the CSRF token still counts.
        return true;
    };
    let Some(ours) = host::authority(headers, uri) else {
        return false;
    };
    origin
        .to_str()
        .ok()
        .and_then(|o| {
            o.strip_prefix("http://")
                .or_else(|| o.strip_prefix("https://"))
        })
        .is_some_and(|theirs| theirs.eq_ignore_ascii_case(&ours))
}

/// Whether the page that sends an unsafe request came encrypted: anybody on the way could have written
/// one that did not.
pub fn is_encrypted(method: &Method, headers: &HeaderMap) -> bool {
    let safe = method.is_safe() && !headers.contains_key(header::UPGRADE);
    let plain = |origin: &axum::http::HeaderValue| origin.as_bytes().starts_with(b"http://");
    safe || !headers.get(header::ORIGIN).is_some_and(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(method: Method, pairs: &[(&str, &str)]) -> bool {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.insert(
                axum::http::HeaderName::from_bytes(name.as_bytes()).unwrap(),
                value.parse().unwrap(),
            );
        }
        same_origin(&method, &headers, &Uri::from_static("/datasets"))
    }

    #[test]
    fn other_sites_are_refused_for_unsafe_methods_only() {
        let host = ("host", "127.0.0.1:8080");
        assert!(verdict(
            Method::POST,
            &[host, ("origin", "http://127.0.0.1:8080")]
        ));
        assert!(!verdict(
            Method::POST,
            &[host, ("origin", "http://evil.example")]
        ));
        assert!(!verdict(Method::POST, &[host, ("origin", "null")]));
        assert!(!verdict(
            Method::POST,
            &[host, ("origin", "http://127.0.0.1:9999")]
        ));
        assert!(!verdict(
            Method::DELETE,
            &[host, ("sec-fetch-site", "cross-site")]
        ));
        assert!(!verdict(
            Method::POST,
            &[host, ("sec-fetch-site", "same-site")]
        ));
        assert!(verdict(
            Method::GET,
            &[host, ("origin", "http://evil.example")]
        ));
    }
}
