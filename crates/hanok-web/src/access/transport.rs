//! What may come in by which door: nothing without a token on the one for programs of this machine, and
//! in production nothing of a person's without encryption.

use axum::extract::{Request, State};
use axum::http::{StatusCode, header, request::Parts};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use hanok_domain::network::Network;

use super::client::{Arrived, Client};
use super::guard::unauthenticated;
use super::{host, loopback};
use crate::app::App;
use crate::error::ApiError;

/// What the surface knows of how requests arrive.
#[derive(Debug, Clone, Default)]
pub struct TransportRules {
    /// Peers whose word about the client counts.
    pub trusted_proxies: Vec<Network>,
    /// Whether a request without encryption is sent to where there is one.
    pub https_only: bool,
}

/// Lets a request in, or answers for it. The host it names was checked before.
pub async fn check_transport(State(app): State<App>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let arrived = parts.extensions.get::<Arrived>();
    if arrived == Some(&Arrived::Local) {
        if !parts.headers.contains_key(header::AUTHORIZATION) {
            return ApiError(unauthenticated()).into_response();
        }
    } else if app.config.transport.https_only
        && !Client::of(&parts).secure
        && !loopback::is_near(&parts)
    {
        return to_https(&parts);
    }
    next.run(Request::from_parts(parts, body)).await
}

fn to_https(parts: &Parts) -> Response {
    let named = host::authority(&parts.headers, &parts.uri);
    let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
    match named.and_then(|authority| https_url(&authority, 443, path)) {
        Some(url) => (StatusCode::PERMANENT_REDIRECT, [(header::LOCATION, url)]).into_response(),
        None => StatusCode::BAD_REQUEST.into_response(),
    }
}

/// The same path by HTTPS at another port.
pub fn https_url(authority: &str, port: u16, path: &str) -> Option<String> {
    let name = host::name_of(authority)?;
    let name = match name.contains(':') {
        true => format!("[{name}]"),
        false => name,
    };
    let port = match port {
        443 => String::new(),
        port => format!(":{port}"),
    };
    Some(format!("https://{name}{port}{path}"))
}
