//! The status policy over the whole table of routes: what is malformed, too large, of the wrong kind or wanted
//! in a form that there is not; and addresses and bodies of hostile make.

use axum::body::Body;
use axum::http::{Method, StatusCode};
use hanok_web::openapi::operations::{self, Body as Kind};
use hanok_web::routes::{Policy, Route};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::world::{Answer, LOCAL, WORKER, World, concrete, request};

async fn send(world: &World, route: &Route, kind: &str, body: impl Into<Body>) -> Answer {
    let token = match route.policy {
        Policy::Worker => WORKER,
        // A key is no person; whoever is on this machine is one.
        Policy::Local | Policy::Account => LOCAL,
        _ => &world.key,
    };
    let made = request(route.method.clone(), &concrete(route.path))
        .header("authorization", format!("Bearer {token}"))
        .header("content-type", kind);
    world.call(made.body(body.into()).unwrap()).await
}

fn takes(route: &Route) -> Option<Kind> {
    operations::find(route.method.as_str(), route.path).map(|operation| operation.takes)
}

/// The API's routes that take JSON and cannot do without.
fn json_routes(world: &World) -> impl Iterator<Item = &Route> {
    let json = |route: &&Route| matches!(takes(route), Some(Kind::Json(_)));
    let optional = ["/resume", "/rotate", "/invitations"];
    let needed = move |route: &&Route| {
        route.method != Method::DELETE && !optional.iter().any(|end| route.path.ends_with(end))
    };
    world.routes.iter().filter(json).filter(needed)
}

/// Programs' routes get the envelope with a code.
fn check(what: &str, answer: &Answer, status: StatusCode) {
    assert_eq!(answer.status, status, "{what}: {}", answer.text);
    assert!(!answer.code().is_empty(), "{what}: {}", answer.text);
    for secret in ["panicked", ".rs:", "SELECT ", "/tmp/"] {
        assert!(!answer.text.contains(secret), "{what}: {}", answer.text);
    }
}

#[tokio::test]
async fn f09s_bodies_of_hostile_make_are_refused_on_every_route() {
    let world = World::new().await;
    let deep = format!("{{\"a\":{}", "[".repeat(50_000));
    let json = "application/json";
    assert!(json_routes(&world).count() > 10);
    for route in json_routes(&world) {
        let what = format!("{} {}", route.method, route.path);
        for bad in [
            "",
            "{",
            "nonsense",
            "\u{feff}{}",
            r#"{"model":"m","model":"n"}"#,
            r#"{"x":{"a":1,"a":2}}"#,
            r#"{"model":"\ud800"}"#,
            r#"{"n":1e400}"#,
            deep.as_str(),
        ] {
            let answer = send(&world, route, json, bad.to_owned()).await;
            check(&what, &answer, StatusCode::BAD_REQUEST);
        }
        let raw = send(&world, route, json, b"{\"a\":\"\xff\"}".to_vec()).await;
        check(&what, &raw, StatusCode::BAD_REQUEST);
        let huge = format!("{{\"model\":\"{}\"}}", "x".repeat(100 << 10));
        let answer = send(&world, route, json, huge.clone()).await;
        check(&what, &answer, StatusCode::PAYLOAD_TOO_LARGE);
        // The same without a length in front.
        let chunks = futures_util::stream::iter([Ok::<_, std::io::Error>(huge)]);
        let answer = send(&world, route, json, Body::from_stream(chunks)).await;
        check(&what, &answer, StatusCode::PAYLOAD_TOO_LARGE);
        for kind in ["text/plain", "application/x-www-form-urlencoded", "json"] {
            let answer = send(&world, route, kind, "{}").await;
            check(&what, &answer, StatusCode::UNSUPPORTED_MEDIA_TYPE);
        }
        for wrong in [r#"[]"#, r#"{"no-such-field":1e308}"#, "7"] {
            let answer = send(&world, route, json, wrong).await;
            check(&what, &answer, StatusCode::UNPROCESSABLE_ENTITY);
        }
    }
    let alive = world.api(Method::GET, "/health", None).await;
    assert_eq!(alive.status, StatusCode::OK);
}

#[tokio::test]
async fn uploads_and_forms_of_the_wrong_kind_or_size() {
    let world = World::new().await;
    let uploads = ["/api/v1/datasets", "/v1/files", "/datasets"];
    let posts = world.routes.iter().filter(|r| r.method == Method::POST);
    for route in posts.clone().filter(|r| uploads.contains(&r.path)) {
        let answer = send(&world, route, "application/json", "{}").await;
        check(route.path, &answer, StatusCode::UNSUPPORTED_MEDIA_TYPE);
        let answer = send(&world, route, "multipart/form-data", "").await;
        check(route.path, &answer, StatusCode::BAD_REQUEST);
    }
    let form = "application/x-www-form-urlencoded";
    let long = format!("a={}", "x".repeat(100 << 10));
    let pages = posts.filter(|r| r.page && !uploads.contains(&r.path));
    for route in pages {
        let answer = send(&world, route, form, long.clone()).await;
        check(route.path, &answer, StatusCode::PAYLOAD_TOO_LARGE);
        let chunks = futures_util::stream::iter([Ok::<_, std::io::Error>(long.clone())]);
        let answer = send(&world, route, form, Body::from_stream(chunks)).await;
        check(route.path, &answer, StatusCode::PAYLOAD_TOO_LARGE);
        if route.path != "/logout" {
            let answer = send(&world, route, "text/plain", "a=b").await;
            check(route.path, &answer, StatusCode::UNSUPPORTED_MEDIA_TYPE);
        }
    }
}

#[tokio::test]
async fn what_is_not_offered_is_406_and_long_addresses_are_414() {
    let world = World::new().await;
    for route in world.routes.iter().filter(|route| !route.page) {
        let find = operations::find(route.method.as_str(), route.path);
        let gives = find.map(|operation| operation.gives);
        let open = !matches!(route.policy, Policy::Worker | Policy::Local);
        let told = matches!(gives, Some(Kind::Json(_) | Kind::List(_) | Kind::Events));
        if !open || !told || route.policy == Policy::Public || route.path.contains("health") {
            continue;
        }
        let token = match route.policy {
            Policy::Account => LOCAL,
            _ => &world.key,
        };
        let made = request(route.method.clone(), &concrete(route.path))
            .header("authorization", format!("Bearer {token}"))
            .header("accept", "image/png, application/xml;q=0.5");
        let answer = world.call(made.body(Body::empty()).unwrap()).await;
        check(route.path, &answer, StatusCode::NOT_ACCEPTABLE);
    }
    for path in [
        format!("/v1/models?x={}", "x".repeat(9000)),
        format!("/{}", "x".repeat(9000)),
    ] {
        let answer = world.api(Method::GET, &path, None).await;
        check("long", &answer, StatusCode::URI_TOO_LONG);
    }
}

#[tokio::test]
async fn a26_odd_addresses_reach_no_handler() {
    let world = World::new().await;
    for path in [
        "//v1/models",
        "/V1/models",
        "/v1//models",
        "/v1/Models",
        "/v1/..;/models",
        "/v1/models;a=b",
        "/v1/models/..",
        "/v1/./models",
        "/v1/%2e%2e/api/v1/me",
        "/login/..%2fapi/v1/me",
        "/static/%2e%2e/api/v1/me",
        "/static/0/..%2f..%2fapi%2fv1%2fme",
        "/health/../api/v1/me",
        "/health/%2e%2e/api/v1/me",
        "/health;/api/v1/me",
        "/health%00/api/v1/me",
        "/api/v1/me/",
        "/api/v1/me%20",
        "/api/v1/me%2f",
        "/api%2fv1%2fme",
        "/%61pi/v1/me",
        "/worker/v1/../../api/v1/me",
    ] {
        for method in [Method::GET, Method::HEAD, Method::POST, Method::DELETE] {
            let made = request(method.clone(), path).body(Body::empty()).unwrap();
            let answer = world.call(made).await;
            let refused = [401, 404, 405].contains(&answer.status.as_u16());
            assert!(refused, "{method} {path}: {}", answer.status);
            assert!(!answer.text.contains("proj_"), "{path}: {}", answer.text);
        }
    }
}

/// The status line of an answer to these very bytes.
async fn raw(world: &World, text: &str) -> String {
    let mut socket = TcpStream::connect(world.listen().await).await.unwrap();
    socket.write_all(text.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    let _ = socket.read_to_end(&mut answer).await;
    let answer = String::from_utf8_lossy(&answer).into_owned();
    assert!(!answer.contains("proj_"), "{text}: {answer}");
    answer.lines().next().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn a26_c06_odd_requests_on_the_wire_are_refused() {
    let world = World::new().await;
    let end = "connection: close\r\n\r\n";
    let key = format!("authorization: Bearer {}\r\n", world.key);
    for (line, headers, status) in [
        ("GET /v1/models", "host: 127.0.0.1\r\n", "401"),
        (
            "GET http://127.0.0.1/v1/models",
            "host: 127.0.0.1\r\n",
            "401",
        ),
        (
            "GET http://evil.example/v1/models",
            "host: 127.0.0.1\r\n",
            "403",
        ),
        (
            "GET http://127.0.0.1/v1/models",
            "host: evil.example\r\n",
            "403",
        ),
        (
            "GET http://evil.example/v1/models",
            "host: evil.example\r\n",
            "403",
        ),
        (
            "DELETE http://evil.example/v1/models/m",
            "host: evil.example\r\n",
            "403",
        ),
        (
            "GET http://127.0.0.1@evil.example/v1/models",
            "host: 127.0.0.1\r\n",
            "403",
        ),
        ("GET /v1/models", "", "403"),
        ("GET /v1/models", "host:\r\n", "403"),
        (
            "GET /v1/models",
            "host: 127.0.0.1\r\nhost: 127.0.0.1\r\n",
            "403",
        ),
        ("GET /v1/models", "host: 127.0.0.1, evil.example\r\n", "403"),
        ("GET /v1/models", "host: evil.example#127.0.0.1\r\n", "403"),
        ("GET /v1/models", "host: 127.0.0.1.evil.example\r\n", "403"),
        ("CONNECT 127.0.0.1:80", "host: 127.0.0.1\r\n", "405"),
        ("TRACE /v1/models", "host: 127.0.0.1\r\n", "405"),
        ("FOO /v1/models", "host: 127.0.0.1\r\n", "405"),
    ] {
        let with_key = if status == "401" { "" } else { &key };
        let sent = format!("{line} HTTP/1.1\r\n{headers}{with_key}{end}");
        let told = raw(&world, &sent).await;
        assert!(told.contains(status), "{sent}: {told}");
    }
}

#[tokio::test]
async fn c06_a_page_of_another_site_is_refused_for_every_method() {
    let world = World::new().await;
    let cookie = format!("hanok_session={}", world.session().await);
    for method in [Method::POST, Method::DELETE] {
        for origin in ["http://evil.example", "null", "http://127.0.0.1:9999"] {
            let made = request(method.clone(), "/api/v1/keys/key_none")
                .header("cookie", &cookie)
                .header("origin", origin);
            let made = match method {
                Method::POST => made.uri("/api/v1/keys"),
                _ => made,
            };
            let answer = world.call(made.body(Body::empty()).unwrap()).await;
            assert_eq!(answer.code(), "cross_site_request", "{method} {origin}");
        }
    }
}

#[tokio::test]
async fn f02s_no_kind_of_body_gets_past_the_origin_check_and_reading_changes_nothing() {
    let world = World::new().await;
    let cookie = format!("hanok_session={}", world.session().await);
    let writes = world.routes.iter().filter(|r| r.method != Method::GET);
    for route in writes {
        for kind in [
            "text/plain",
            "multipart/form-data; boundary=X",
            "application/x-www-form-urlencoded",
        ] {
            for (name, value) in [
                ("origin", "http://evil.example"),
                ("origin", "null"),
                ("sec-fetch-site", "cross-site"),
            ] {
                let made = request(route.method.clone(), &concrete(route.path))
                    .header("cookie", &cookie)
                    .header("content-type", kind)
                    .header(name, value);
                let answer = world.call(made.body(Body::from("a=b")).unwrap()).await;
                let refused = [401, 403].contains(&answer.status.as_u16());
                assert!(refused, "{} {kind}: {}", route.path, answer.status);
            }
        }
    }
    // What another site's page can send without asking is a GET; none of them does anything.
    let before = world.api(Method::GET, "/api/v1/keys", None).await.text;
    for route in world.routes.iter().filter(|r| r.method == Method::GET) {
        let words = ["delete", "cancel", "create", "logout", "revoke", "stop"];
        let last = route.path.rsplit('/').next().unwrap_or_default();
        assert!(!words.contains(&last), "GET {}", route.path);
    }
    let after = world.api(Method::GET, "/api/v1/keys", None).await.text;
    assert_eq!(before, after);
}
