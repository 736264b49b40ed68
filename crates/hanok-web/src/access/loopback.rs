//! Whether a request comes from this very machine: its peer is loopback, it names loopback, and nobody
//! passed it on. A proxy on this machine that hides all three would open what is meant for loopback.

use std::net::SocketAddr;

use axum::extract::ConnectInfo;
use axum::http::HeaderMap;
use axum::http::request::Parts;

use super::client::Client;
use super::host;

/// Headers by which a proxy says that it passes a request on.
const FORWARDED: [&str; 6] = [
    "forwarded",
    "via",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-proto",
    "x-real-ip",
];

/// Whether somebody says that he passed a request on.
pub fn passed_on(headers: &HeaderMap) -> bool {
    FORWARDED.iter().any(|name| headers.contains_key(*name))
}

/// Whether the request comes from this machine. An unknown peer does not.
pub fn is_near(request: &Parts) -> bool {
    let peer = request.extensions.get::<ConnectInfo<SocketAddr>>();
    let named = host::authority(&request.headers, &request.uri);
    peer.is_some_and(|ConnectInfo(peer)| peer.ip().to_canonical().is_loopback())
        && named
            .and_then(|authority| host::name_of(&authority))
            .is_some_and(|name| host::allowed(&name, &[]))
        && !passed_on(&request.headers)
        && Client::of(request).direct
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::Request;

    fn verdict(peer: Option<&str>, headers: &[(&str, &str)]) -> bool {
        let mut request = Request::builder().uri("/metrics");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let mut parts = request.body(()).unwrap().into_parts().0;
        if let Some(peer) = peer {
            let peer: SocketAddr = peer.parse().unwrap();
            parts.extensions.insert(ConnectInfo(peer));
        }
        is_near(&parts)
    }

    #[test]
    fn only_a_direct_request_by_a_loopback_name_is_near() {
        let local = ("host", "127.0.0.1:8080");
        assert!(verdict(Some("127.0.0.1:5000"), &[local]));
        assert!(verdict(Some("[::1]:5000"), &[("host", "localhost")]));
        assert!(verdict(Some("[::ffff:127.0.0.1]:5000"), &[local]));
        assert!(!verdict(None, &[local]));
        assert!(!verdict(Some("192.0.2.1:5000"), &[local]));
        assert!(!verdict(
            Some("127.0.0.1:5000"),
            &[("host", "hanok.example")]
        ));
        for name in FORWARDED {
            let passed_on = [local, (name, "192.0.2.1")];
            assert!(!verdict(Some("127.0.0.1:5000"), &passed_on), "{name}");
        }
    }
}
