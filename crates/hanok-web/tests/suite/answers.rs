//! How answers are packed, kept and refused: compression, tags, the status policy over every route.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderMap, Method, Request, StatusCode};
use hanok_store::StoreError;
use tokio::sync::Notify;
use tower::ServiceExt;

use crate::world::{LOCAL, World, concrete, request};

fn with_key(world: &World, method: Method, path: &str) -> axum::http::request::Builder {
    request(method, path).header("authorization", format!("Bearer {}", world.key))
}

/// Status and headers; what streams is let go.
async fn head(world: &World, request: Request<Body>) -> (StatusCode, HeaderMap) {
    let response = world.router.clone().oneshot(request).await.unwrap();
    (response.status(), response.headers().clone())
}

async fn packed(world: &World, path: &str, coding: &str) -> (HeaderMap, Vec<u8>) {
    let made = with_key(world, Method::GET, path).header("accept-encoding", coding);
    let made = made.body(Body::empty()).unwrap();
    let response = world.router.clone().oneshot(made).await.unwrap();
    let (parts, body) = response.into_parts();
    let bytes = axum::body::to_bytes(body, 16 << 20).await.unwrap();
    (parts.headers, bytes.to_vec())
}

#[tokio::test]
async fn long_texts_are_compressed_and_nothing_else() {
    let world = World::new().await;
    let (plain, whole) = packed(&world, "/openapi.json", "identity").await;
    assert!(!plain.contains_key("content-encoding"));
    for (coding, magic) in [("gzip", &[0x1f, 0x8b][..]), ("br", &[])] {
        let (headers, bytes) = packed(&world, "/openapi.json", coding).await;
        assert_eq!(headers["content-encoding"], coding);
        let vary = headers["vary"].to_str().unwrap().to_lowercase();
        assert!(vary.contains("accept-encoding"), "{vary}");
        assert!(bytes.len() * 4 < whole.len() && bytes.starts_with(magic));
        assert_eq!(headers["etag"], plain["etag"], "weak tags hold for both");
    }
    for (path, why) in [
        ("/health/live", "short"),
        ("/api/v1/events?topics=run_1", "a stream"),
        ("/nowhere", "short"),
    ] {
        let made = with_key(&world, Method::GET, path).header("accept-encoding", "gzip, br");
        let (_, headers) = head(&world, made.body(Body::empty()).unwrap()).await;
        assert!(!headers.contains_key("content-encoding"), "{path}: {why}");
    }
}

#[tokio::test]
async fn the_token_of_forms_is_another_on_each_page() {
    let world = World::new().await;
    let cookie = format!("hanok_session={}", world.session().await);
    let token = async || {
        let made = request(Method::GET, "/runs").header("cookie", &cookie);
        let page = world.call(made.body(Body::empty()).unwrap()).await.text;
        let rest = page.split("name=\"csrf\" value=\"").nth(1).unwrap();
        rest.split('"').next().unwrap().to_owned()
    };
    let (one, two) = (token().await, token().await);
    assert_ne!(one, two);
    for (at, (a, b)) in one.as_bytes().iter().zip(two.as_bytes()).enumerate() {
        // Sixteen characters that stay would be no accident.
        assert!(at < 16 || a != b || one[at - 16..at] != two[at - 16..at]);
    }
    for token in [one, two] {
        let made = request(Method::POST, "/deployments/none/stop")
            .header("cookie", &cookie)
            .header("content-type", "application/x-www-form-urlencoded");
        let made = made.body(Body::from(format!("csrf={token}"))).unwrap();
        let answer = world.call(made).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{}", answer.text);
    }
}

#[tokio::test]
async fn what_did_not_change_is_not_sent_again() {
    let world = World::new().await;
    for path in ["/openapi.json", "/v1/models", "/api/v1/models"] {
        let first = world.api(Method::GET, path, None).await;
        assert_eq!(
            first.headers["cache-control"], "private, no-cache",
            "{path}"
        );
        let tag = first.headers["etag"].to_str().unwrap().to_owned();
        for (known, status) in [
            (tag.as_str(), StatusCode::NOT_MODIFIED),
            ("W/\"other\", *", StatusCode::NOT_MODIFIED),
            ("\"other\"", StatusCode::OK),
        ] {
            let made = with_key(&world, Method::GET, path).header("if-none-match", known);
            let answer = world.call(made.body(Body::empty()).unwrap()).await;
            assert_eq!(answer.status, status, "{path} {known}");
            assert_eq!(answer.headers["etag"], tag.as_str());
            assert_eq!(answer.text.is_empty(), status == StatusCode::NOT_MODIFIED);
        }
        // Whoever may not see it learns nothing of it by its tag.
        let made = request(Method::GET, path).header("if-none-match", &tag);
        let mut made = made.body(Body::empty()).unwrap();
        let far: std::net::SocketAddr = "192.0.2.1:1".parse().unwrap();
        made.extensions_mut()
            .insert(axum::extract::ConnectInfo(far));
        let answer = world.call(made).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{path}");
        assert_eq!(answer.headers["cache-control"], "no-store");
    }
    let secret = world.api(Method::GET, "/api/v1/keys", None).await;
    assert_eq!(secret.headers["cache-control"], "no-store");
    assert!(!secret.headers.contains_key("etag"));
}

#[tokio::test]
async fn a_handler_that_takes_too_long_is_given_up() {
    let world = World::with(|config| {
        config.protection.request_timeout = Duration::from_millis(200);
    })
    .await;
    // There is one writer: while it is held, whoever wants to write waits.
    let held = Arc::new((Notify::new(), Notify::new()));
    let (store, inner) = (world.store.clone(), held.clone());
    let holder = tokio::spawn(async move {
        let (held, release) = &*inner;
        let hold = store.write(|_| async move {
            held.notify_one();
            release.notified().await;
            Ok::<_, StoreError>(())
        });
        hold.await.unwrap();
    });
    held.0.notified().await;
    let made = request(Method::POST, "/api/v1/keys")
        .header("authorization", format!("Bearer {LOCAL}"))
        .header("content-type", "application/json");
    let answer = world
        .call(made.body(Body::from(r#"{"name":"a"}"#)).unwrap())
        .await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(answer.code(), "took_too_long");
    assert!(answer.headers.contains_key("retry-after"));
    held.1.notify_one();
    holder.await.unwrap();
    let listed = world.api(Method::GET, "/api/v1/keys", None).await;
    let keys = listed.json()["data"].as_array().map(Vec::len);
    assert_eq!(keys, Some(1), "what was given up left something");
}

#[tokio::test]
async fn f04s_every_answer_of_every_route_has_the_headers() {
    let world = World::new().await;
    let session = format!("hanok_session={}", world.session().await);
    let bearer = format!("Bearer {}", world.key);
    let credentials = [
        ("accept", "text/html"),
        ("authorization", bearer.as_str()),
        ("cookie", session.as_str()),
    ];
    let mut asked: Vec<(Method, String)> = world
        .routes
        .iter()
        .filter(|route| route.path != "/logout")
        .map(|route| (route.method.clone(), concrete(route.path)))
        .collect();
    let long = format!("/{}", "x".repeat(9000));
    for (method, path) in [
        (Method::GET, "/nowhere"),
        (Method::GET, "/v1/nowhere"),
        (Method::PUT, "/v1/models"),
        (Method::TRACE, "/v1/models"),
        (Method::GET, long.as_str()),
        (Method::GET, "/api/v1/runs/%ff"),
        (Method::GET, "/api/v1/events?topics=run_1"),
        (Method::GET, "/static/0/hanok.css"),
    ] {
        asked.push((method, path.to_owned()));
    }
    for (method, path) in asked {
        for (name, value) in credentials {
            let made = request(method.clone(), &path).header(name, value);
            let (status, headers) = head(&world, made.body(Body::empty()).unwrap()).await;
            check_headers(&format!("{method} {path} {status}"), &headers);
        }
    }
}

fn check_headers(what: &str, headers: &HeaderMap) {
    let csp = headers["content-security-policy"].to_str().unwrap();
    for part in [
        "default-src 'self'",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    ] {
        assert!(csp.contains(part), "{what}: {csp}");
    }
    assert!(
        !csp.contains("unsafe") && !csp.contains('*'),
        "{what}: {csp}"
    );
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("referrer-policy", "same-origin"),
        ("cross-origin-opener-policy", "same-origin"),
    ] {
        assert_eq!(headers[name], value, "{what}");
    }
    assert!(headers.contains_key("x-request-id"), "{what}");
    let cache = headers["cache-control"].to_str().unwrap();
    let known = ["no-store", "no-cache", "private, no-cache"];
    assert!(known.contains(&cache), "{what}: {cache}");
}

#[tokio::test]
async fn f07s_nothing_that_developers_leave_behind_is_there() {
    let world = World::new().await;
    for path in [
        "/.git/config",
        "/.git/HEAD",
        "/.env",
        "/.hg",
        "/.DS_Store",
        "/debug",
        "/debug/pprof",
        "/debug/vars",
        "/pprof",
        "/console",
        "/server-status",
        "/actuator",
        "/phpinfo.php",
        "/hanok.db",
        "/hanok.toml",
        "/secrets/admin-secret",
        "/backup.zip",
        "/index.html.bak",
        "/static/0/live.js.map",
        "/static/0/hanok.css.map",
        "/static/0/..%2f..%2fCargo.toml",
        "/static/0/%2e%2e%2fCargo.toml",
        "/static/",
        "/swagger.json",
        "/graphql",
    ] {
        for key in [true, false] {
            let made = match key {
                true => with_key(&world, Method::GET, path),
                false => request(Method::GET, path),
            };
            let answer = world.call(made.body(Body::empty()).unwrap()).await;
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
            assert!(!answer.text.contains("[workspace]"), "{path}");
        }
    }
    for path in ["/metrics", "/api/v1/metrics", "/openapi.json"] {
        let mut made = request(Method::GET, path).body(Body::empty()).unwrap();
        let far: std::net::SocketAddr = "192.0.2.1:1".parse().unwrap();
        made.extensions_mut()
            .insert(axum::extract::ConnectInfo(far));
        let answer = world.call(made).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{path}");
    }
    let off = World::with(|config| {
        (config.docs, config.metrics) = (false, false);
    })
    .await;
    for path in ["/docs", "/openapi.json", "/metrics", "/api/v1/metrics"] {
        let answer = off.api(Method::GET, path, None).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
    }
}

#[tokio::test]
async fn f08s_other_methods_are_refused_and_no_header_changes_a_method() {
    let world = World::new().await;
    let odd = ["PUT", "PATCH", "OPTIONS", "TRACE", "CONNECT", "FOO", "get"];
    for route in &world.routes {
        let path = concrete(route.path);
        for method in odd {
            let method = Method::from_bytes(method.as_bytes()).unwrap();
            let made = with_key(&world, method.clone(), &path);
            let answer = world.call(made.body(Body::empty()).unwrap()).await;
            assert_eq!(answer.status, 405, "{method} {path}: {}", answer.text);
            assert!(answer.headers.contains_key("allow"), "{method} {path}");
            assert_eq!(answer.code(), "method_not_allowed", "{method} {path}");
        }
    }
    let dataset = world.api(Method::GET, "/api/v1/datasets", None).await;
    for name in [
        "x-http-method-override",
        "x-http-method",
        "x-method-override",
    ] {
        let made = with_key(&world, Method::POST, "/api/v1/runs/run_none?_method=DELETE");
        let made = made.header(name, "DELETE").body(Body::empty()).unwrap();
        assert_eq!(world.call(made).await.status, 405, "{name}");
        let made = with_key(&world, Method::GET, "/api/v1/datasets").header(name, "POST");
        let answer = world.call(made.body(Body::empty()).unwrap()).await;
        assert_eq!(answer.text, dataset.text, "{name}");
    }
}
