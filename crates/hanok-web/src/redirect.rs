//! The plain listener beside HTTPS: it answers the challenges of a certificate authority and sends
//! everything else to HTTPS, to a host name of ours. It serves nothing.

use axum::Router;
use axum::extract::{Path, Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use hanok_domain::fault::{Fault, FaultKind};

use crate::access::host;
use crate::access::transport::https_url;
use crate::error::ApiError;
use crate::tls::Challenges;

/// What the listener knows.
#[derive(Debug, Clone)]
pub struct ToHttps {
    /// Host names of ours, lower case; loopback names are always in.
    pub hosts: Vec<String>,
    /// Port at which HTTPS is served.
    pub port: u16,
    /// What authorities may ask for.
    pub challenges: Challenges,
}

/// The router of the listener.
pub fn router(to: ToHttps) -> Router {
    Router::new()
        .route("/.well-known/acme-challenge/{token}", get(challenge))
        .fallback(redirect)
        .with_state(to)
}

async fn challenge(State(to): State<ToHttps>, Path(token): Path<String>) -> Response {
    match to.challenges.answer(&token) {
        Some(answer) => {
            let plain = [(header::CONTENT_TYPE, "application/octet-stream")];
            (plain, answer).into_response()
        }
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

async fn redirect(State(to): State<ToHttps>, request: Request) -> Response {
    let named = host::authority(request.headers(), request.uri());
    let ours = named.filter(|authority| {
        host::name_of(authority).is_some_and(|name| host::allowed(&name, &to.hosts))
    });
    let path = request.uri().path_and_query();
    let path = path.map_or("/", |path| path.as_str());
    // A path that is none (`OPTIONS *`) leads nowhere.
    let path = if path.starts_with('/') { path } else { "/" };
    match ours.and_then(|authority| https_url(&authority, to.port, path)) {
        Some(url) => (StatusCode::PERMANENT_REDIRECT, [(header::LOCATION, url)]).into_response(),
        None => ApiError(
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

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;
    use tower::ServiceExt;

    async fn answer(host: &str, path: &str, port: u16) -> (u16, String) {
        let to = ToHttps {
            hosts: vec!["studio.example".into()],
            port,
            challenges: Challenges::default(),
        };
        let _held = to.challenges.offer("tok", "tok.print");
        let request = Request::builder().uri(path).header("host", host);
        let request = request.body(Body::empty()).unwrap();
        let answer = router(to).oneshot(request).await.unwrap();
        let status = answer.status().as_u16();
        let place = answer.headers().get("location");
        let place = place.map(|place| place.to_str().unwrap().to_owned());
        let body = axum::body::to_bytes(answer.into_body(), 4096)
            .await
            .unwrap();
        let text = String::from_utf8(body.to_vec()).unwrap();
        (status, place.unwrap_or(text))
    }

    #[tokio::test]
    async fn a25_only_a_host_name_of_ours_is_redirected_to() {
        let to = |status: u16, place: &str| (status, place.to_owned());
        assert_eq!(
            answer("studio.example", "/runs?page=2", 443).await,
            to(308, "https://studio.example/runs?page=2")
        );
        assert_eq!(
            answer("STUDIO.example:80", "/", 8443).await,
            to(308, "https://studio.example:8443/")
        );
        assert_eq!(
            answer("[::1]:80", "//evil.example", 443).await,
            to(308, "https://[::1]//evil.example")
        );
        for host in [
            "evil.example",
            "studio.example.evil.example",
            "",
            "studio.example@evil.example",
        ] {
            assert_eq!(answer(host, "/", 443).await.0, 403, "{host}");
        }
    }

    #[tokio::test]
    async fn a_challenge_is_answered_whatever_the_host() {
        let path = "/.well-known/acme-challenge/tok";
        let answered = answer("studio.example", path, 443).await;
        assert_eq!(answered, (200, "tok.print".to_owned()));
        assert_eq!(answer("192.0.2.1", path, 443).await.0, 200);
        let other = "/.well-known/acme-challenge/other";
        assert_eq!(answer("studio.example", other, 443).await.0, 404);
    }
}
