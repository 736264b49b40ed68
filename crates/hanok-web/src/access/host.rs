//! The host check: a request must name this server, whatever the method, so that a page elsewhere
//! cannot reach it by rebinding a name to loopback (CVE-2024-28224).

use axum::extract::{Request, State};
use axum::http::{HeaderMap, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use hanok_domain::fault::{Fault, FaultKind};

use crate::app::App;
use crate::error::ApiError;

/// Host name without port, lower case, brackets of IPv6 removed.
pub fn name_of(authority: &str) -> Option<String> {
    let name = if let Some(rest) = authority.strip_prefix('[') {
        rest.split_once(']')?.0
    } else {
        authority.split(':').next()?
    };
    (!name.is_empty()).then(|| name.to_ascii_lowercase())
}

/// Whether a name is loopback or one of those allowed.
pub fn allowed(name: &str, hosts: &[String]) -> bool {
    name == "localhost"
        || name
            .parse::<std::net::IpAddr>()
            .is_ok_and(|ip| ip.is_loopback())
        || hosts.iter().any(|host| host == name)
}

/// The authority that a request names: exactly one `Host`, or the absolute form's.
pub fn authority(headers: &HeaderMap, uri: &Uri) -> Option<String> {
    let mut named = headers.get_all(header::HOST).iter();
    let host = named.next().and_then(|v| v.to_str().ok());
    if named.next().is_some() {
        return None;
    }
    match (uri.authority(), host) {
        (Some(uri), Some(host)) if uri.as_str() != host => None,
        (Some(uri), _) => Some(uri.as_str().to_owned()),
        (None, host) => host.map(str::to_owned),
    }
}

/// Refuses requests that name another host.
pub async fn check_host(State(app): State<App>, request: Request, next: Next) -> Response {
    let name = authority(request.headers(), request.uri()).and_then(|a| name_of(&a));
    match name {
        Some(name) if allowed(&name, &app.config.hosts) => next.run(request).await,
        _ => ApiError(
            Fault::new(
                FaultKind::Forbidden,
                "host_not_allowed",
                "This server does not answer to that host name.",
            )
            .remedy("Add the name to HANOK_ALLOWED_HOSTS if it is yours."),
        )
        .into_response(),
    }
}
