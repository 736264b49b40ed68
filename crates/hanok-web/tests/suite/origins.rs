//! Pages of other sites: what CORS answers to whom, and that a cookie never counts for them.

use axum::body::Body;
use axum::http::{Method, StatusCode};
use hanok_web::access::cors::Origins;

use crate::world::{Answer, World, request};

const LISTED: &str = "https://app.example:8443";

async fn world(origins: &[&str]) -> World {
    let origins = origins.iter().map(|origin| (*origin).to_owned()).collect();
    World::with(|config| config.protection.origins = Origins::new(origins)).await
}

async fn call(world: &World, method: Method, path: &str, headers: &[(&str, &str)]) -> Answer {
    let mut made = request(method, path);
    for (name, value) in headers {
        made = made.header(*name, *value);
    }
    world.call(made.body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn a_listed_page_calls_with_a_key() {
    let world = world(&[LISTED]).await;
    let key = format!("Bearer {}", world.key);
    let sent = [("origin", LISTED), ("authorization", key.as_str())];
    let answer = call(&world, Method::GET, "/v1/models", &sent).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.headers["access-control-allow-origin"], LISTED);
    let vary: Vec<_> = answer.headers.get_all("vary").iter().collect();
    assert!(vary.iter().any(|value| *value == "origin"), "{vary:?}");
    let exposed = answer.headers["access-control-expose-headers"].to_str();
    assert!(exposed.unwrap().contains("x-request-id"));
    let refused = call(&world, Method::GET, "/v1/models", &sent[..1]).await;
    assert_eq!(refused.status, StatusCode::UNAUTHORIZED);
    assert_eq!(refused.headers["access-control-allow-origin"], LISTED);
    let asked = [
        ("origin", LISTED),
        ("access-control-request-method", "POST"),
        ("access-control-request-headers", "authorization"),
    ];
    let preflight = call(&world, Method::OPTIONS, "/v1/chat/completions", &asked).await;
    assert_eq!(preflight.status, StatusCode::NO_CONTENT);
    for (name, word) in [
        ("access-control-allow-origin", LISTED),
        ("access-control-allow-methods", "POST"),
        ("access-control-allow-headers", "authorization"),
        ("access-control-max-age", "600"),
    ] {
        let value = preflight.headers[name].to_str().unwrap();
        assert!(value.contains(word), "{name}: {value}");
    }
}

#[tokio::test]
async fn f03s_no_other_origin_is_answered() {
    for listed in [&[][..], &[LISTED, "https://site.com"]] {
        let world = world(listed).await;
        let key = format!("Bearer {}", world.key);
        for origin in [
            "null",
            "",
            "http://app.example:8443",
            "https://app.example",
            "https://app.example:8444",
            "https://app.example:8443.evil.example",
            "https://evil-site.com",
            "https://site.com.evil.example",
            "https://sub.site.com",
            "https://SITE.com",
            "http://localhost:8080",
            "http://127.0.0.1:8080",
            "https://site.com https://app.example:8443",
        ] {
            for method in [Method::GET, Method::OPTIONS] {
                let sent = [
                    ("origin", origin),
                    ("authorization", key.as_str()),
                    ("access-control-request-method", "GET"),
                ];
                let answer = call(&world, method.clone(), "/v1/models", &sent).await;
                for (name, _) in &answer.headers {
                    let cors = name.as_str().starts_with("access-control");
                    assert!(!cors, "{method} {origin}: {name}");
                }
                if method == Method::OPTIONS {
                    assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED);
                }
            }
        }
    }
}

#[tokio::test]
async fn f03s_credentials_are_never_allowed_and_pages_are_for_us_alone() {
    for listed in [LISTED, "*"] {
        let world = world(&[listed]).await;
        let cookie = format!("hanok_session={}", world.session().await);
        let sent = [("origin", LISTED), ("cookie", cookie.as_str())];
        for path in ["/api/v1/me", "/v1/models", "/openapi.json"] {
            let answer = call(&world, Method::GET, path, &sent).await;
            assert_eq!(answer.headers["access-control-allow-origin"], listed);
            let credentials = "access-control-allow-credentials";
            assert!(!answer.headers.contains_key(credentials), "{path}");
        }
        for path in ["/", "/login", "/runs", "/health", "/docs", "/live"] {
            let made = request(Method::HEAD, path).header("origin", LISTED);
            let answer = world.call(made.body(Body::empty()).unwrap()).await;
            let allowed = "access-control-allow-origin";
            assert!(!answer.headers.contains_key(allowed), "{path}");
        }
        // The list says who may call with a key; it opens nothing to a cookie.
        let answer = call(&world, Method::POST, "/api/v1/keys", &sent).await;
        assert_eq!(answer.code(), "cross_site_request");
    }
}

#[tokio::test]
async fn f03s_two_origins_are_none() {
    let world = world(&[LISTED]).await;
    let sent = [("origin", LISTED), ("origin", "https://evil.example")];
    let answer = call(&world, Method::GET, "/v1/models", &sent).await;
    let allowed = "access-control-allow-origin";
    assert!(!answer.headers.contains_key(allowed));
}
