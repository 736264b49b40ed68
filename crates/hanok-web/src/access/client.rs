//! Who really asks: the peer, or whoever a trusted proxy says it asks for. Resolved once per request,
//! outside of everything that counts, logs or decides by it. Nobody else's word about the client counts.

use std::convert::Infallible;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::extract::{ConnectInfo, FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;
use hanok_domain::network::Network;

use super::forwarded::{self, Told};
use super::{host, loopback};
use crate::app::App;

/// By which door a request came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arrived {
    /// HTTP.
    Plain,
    /// HTTP on the door for programs of this machine.
    Local,
    /// HTTPS, ended by us.
    Tls,
}

/// The client of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Client {
    /// Its address: the peer's, or the right-most one in the chain of proxies that is not ours.
    pub address: IpAddr,
    /// Whether what it sends is encrypted on its way.
    pub secure: bool,
    /// Host, perhaps with a port, that it named.
    pub host: Option<String>,
    /// Nobody passed the request on.
    pub direct: bool,
}

impl Client {
    /// The client of a request; the direct peer where nobody resolved it, loopback where there is none.
    pub fn of(parts: &Parts) -> Self {
        let resolved = parts.extensions.get::<Self>();
        resolved.cloned().unwrap_or_else(|| resolve(parts, &[]).0)
    }
}

impl<S: Sync> FromRequestParts<S> for Client {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::of(parts))
    }
}

/// The layer.
pub async fn resolved(State(app): State<App>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let (client, named) = resolve(&parts, &app.config.transport.trusted_proxies);
    // What a trusted proxy says that the client named is what every later check looks at.
    if let Some(named) = named {
        parts.headers.insert(header::HOST, named);
    }
    parts.extensions.insert(client);
    next.run(Request::from_parts(parts, body)).await
}

/// The client, and the host that stands in for the one named, if a trusted proxy says so.
fn resolve(parts: &Parts, trusted: &[Network]) -> (Client, Option<HeaderValue>) {
    let peer = peer(parts);
    let over_tls = parts.extensions.get::<Arrived>() == Some(&Arrived::Tls);
    let named = host::authority(&parts.headers, &parts.uri);
    let direct = !loopback::passed_on(&parts.headers);
    let ours = |address: IpAddr| trusted.iter().any(|network| network.contains(address));
    if !ours(peer) {
        let client = Client {
            address: peer,
            secure: over_tls,
            host: named,
            direct,
        };
        return (client, None);
    }
    let told = forwarded::read(&parts.headers);
    let client = Client {
        address: farthest(peer, &told, ours),
        secure: told.secure.unwrap_or(over_tls),
        host: told.host.clone().or(named),
        direct: false,
    };
    let host = told.host.and_then(|host| HeaderValue::try_from(host).ok());
    (client, host)
}

fn peer(parts: &Parts) -> IpAddr {
    let info = parts.extensions.get::<ConnectInfo<SocketAddr>>();
    info.map_or(IpAddr::V4(Ipv4Addr::LOCALHOST), |ConnectInfo(peer)| {
        peer.ip().to_canonical()
    })
}

/// Walks from the peer outwards for as long as what says so is ours.
fn farthest(peer: IpAddr, told: &Told, ours: impl Fn(IpAddr) -> bool) -> IpAddr {
    let mut address = peer;
    for hop in told.hops.iter().rev() {
        match hop {
            Some(hop) if ours(address) => address = *hop,
            _ => break,
        }
    }
    address
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROXY: &str = "10.0.0.1:443";

    fn client(peer: &str, trusted: &str, headers: &[(&str, &str)]) -> Client {
        let mut request = axum::http::Request::builder().header("host", "inner:8080");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let mut parts = request.body(()).unwrap().into_parts().0;
        let peer: SocketAddr = peer.parse().unwrap();
        parts.extensions.insert(ConnectInfo(peer));
        let trusted: Vec<Network> = trusted.split(',').map(|n| n.parse().unwrap()).collect();
        resolve(&parts, &trusted).0
    }

    fn address(peer: &str, trusted: &str, chain: &str) -> String {
        let client = client(peer, trusted, &[("x-forwarded-for", chain)]);
        client.address.to_string()
    }

    #[test]
    fn a25_nobody_but_a_trusted_proxy_is_believed() {
        let spoofed = [
            ("x-forwarded-for", "203.0.113.5"),
            ("x-forwarded-proto", "https"),
            ("x-forwarded-host", "evil.example"),
            ("forwarded", "for=203.0.113.5;proto=https;host=evil.example"),
        ];
        let client = client("198.51.100.9:5", "10.0.0.0/8", &spoofed);
        assert_eq!(client.address.to_string(), "198.51.100.9");
        assert!(!client.secure && !client.direct);
        assert_eq!(client.host.as_deref(), Some("inner:8080"));
    }

    #[test]
    fn a25_the_right_most_address_that_is_not_ours_counts() {
        let one = "10.0.0.0/8";
        assert_eq!(address(PROXY, one, "203.0.113.5"), "203.0.113.5");
        assert_eq!(address(PROXY, one, "1.1.1.1, 203.0.113.5"), "203.0.113.5");
        assert_eq!(address(PROXY, one, "203.0.113.5, 10.0.0.9"), "203.0.113.5");
        assert_eq!(address(PROXY, one, "10.9.9.9, 10.0.0.9"), "10.9.9.9");
        assert_eq!(address(PROXY, one, "203.0.113.5:4711"), "203.0.113.5");
        assert_eq!(address(PROXY, one, "[2001:db8::1]:80"), "2001:db8::1");
        assert_eq!(address(PROXY, one, "::ffff:203.0.113.5"), "203.0.113.5");
        // Past what is no address nothing can be known.
        for nonsense in ["", "unknown", "1.1.1.1, nonsense", "1.1.1.1,"] {
            assert_eq!(address(PROXY, one, nonsense), "10.0.0.1", "{nonsense:?}");
        }
    }

    #[test]
    fn a25_a_trusted_proxy_says_whether_the_client_is_encrypted() {
        let secure =
            |value: &str| client(PROXY, "10.0.0.1", &[("x-forwarded-proto", value)]).secure;
        assert!(secure("https") && secure("HTTPS"));
        for other in ["http", "", "https, http", "http, https", "httpss"] {
            assert!(!secure(other), "{other:?}");
        }
        let host = |value: &str| client(PROXY, "10.0.0.1", &[("x-forwarded-host", value)]).host;
        assert_eq!(host("studio.example").as_deref(), Some("studio.example"));
        assert_eq!(
            host("evil.example, studio.example").as_deref(),
            Some("studio.example")
        );
    }

    #[test]
    fn a25_without_the_layer_the_peer_is_the_client() {
        let request = axum::http::Request::builder().header("x-forwarded-for", "203.0.113.5");
        let parts = request.body(()).unwrap().into_parts().0;
        let client = Client::of(&parts);
        assert!(client.address.is_loopback() && !client.secure);
    }
}
