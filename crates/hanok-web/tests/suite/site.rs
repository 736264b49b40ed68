//! What protects people in a browser: host, origin, CSRF token, headers.

use axum::body::Body;
use axum::http::{Method, Request, StatusCode};

use crate::world::{World, concrete, request};

#[tokio::test]
async fn c06_other_host_names_are_refused_for_every_method() {
    let world = World::new().await;
    for method in [Method::GET, Method::POST, Method::DELETE] {
        for host in [
            "evil.example",
            "127.0.0.1.evil.example",
            "localhost.evil.example",
            "",
            "[::1",
        ] {
            let request = Request::builder()
                .method(method.clone())
                .uri("/api/v1/datasets/ds_x")
                .header("host", host)
                .header("authorization", format!("Bearer {}", world.key));
            let answer = world.call(request.body(Body::empty()).unwrap()).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{method} {host}");
            assert_eq!(answer.code(), "host_not_allowed");
        }
    }
    for host in [
        "localhost:8080",
        "127.0.0.1",
        "[::1]:8080",
        "HANOK.example:443",
    ] {
        let request = Request::builder().uri("/health").header("host", host);
        let answer = world.call(request.body(Body::empty()).unwrap()).await;
        assert_eq!(answer.status, StatusCode::OK, "{host}");
    }
}

#[tokio::test]
async fn f02s_another_sites_page_changes_nothing() {
    let world = World::new().await;
    let cookie = format!("hanok_session={}", world.session().await);
    for route in world.routes.iter().filter(|r| r.method != Method::GET) {
        let request = request(route.method.clone(), &concrete(route.path))
            .header("cookie", &cookie)
            .header("origin", "http://evil.example")
            .header("content-type", "text/plain");
        let answer = world.call(request.body(Body::from("{}")).unwrap()).await;
        let refused = [StatusCode::FORBIDDEN, StatusCode::UNAUTHORIZED];
        assert!(
            refused.contains(&answer.status),
            "{} {}",
            route.path,
            answer.status
        );
    }
    let still = request(Method::GET, "/api/v1/me").header("cookie", &cookie);
    let answer = world.call(still.body(Body::empty()).unwrap()).await;
    assert_eq!(answer.status, StatusCode::OK);
}

#[tokio::test]
async fn f02s_forms_without_their_token_are_refused() {
    let world = World::new().await;
    let cookie = format!("hanok_session={}", world.session().await);
    let forms = world.routes.iter().filter(|r| {
        r.page && r.method == Method::POST && r.path != "/login" && r.path != "/datasets"
    });
    for route in forms {
        for body in ["", "csrf=wrong"] {
            let request = request(Method::POST, &concrete(route.path))
                .header("cookie", &cookie)
                .header("content-type", "application/x-www-form-urlencoded");
            let answer = world.call(request.body(Body::from(body)).unwrap()).await;
            assert!(
                answer.status.is_client_error(),
                "{} with '{body}': {}",
                route.path,
                answer.status
            );
        }
    }
    let still = request(Method::GET, "/api/v1/me").header("cookie", &cookie);
    let answer = world.call(still.body(Body::empty()).unwrap()).await;
    assert_eq!(
        answer.status,
        StatusCode::OK,
        "signed out without the token"
    );
}

#[tokio::test]
async fn f04s_every_answer_has_the_headers() {
    let world = World::new().await;
    for path in [
        "/",
        "/health",
        "/login",
        "/nowhere",
        "/api/v1/runs",
        "/v1/models",
    ] {
        let answer = world
            .call(request(Method::GET, path).body(Body::empty()).unwrap())
            .await;
        let csp = answer.headers["content-security-policy"].to_str().unwrap();
        for part in [
            "default-src 'self'",
            "object-src 'none'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        ] {
            assert!(csp.contains(part), "{path}: {csp}");
        }
        assert!(!csp.contains("unsafe"), "{path}");
        assert_eq!(answer.headers["x-content-type-options"], "nosniff");
        assert_eq!(answer.headers["x-frame-options"], "DENY");
        assert_eq!(answer.headers["cache-control"], "no-store", "{path}");
    }
}

#[tokio::test]
async fn f05s_the_session_cookie_is_out_of_scripts_reach() {
    let world = World::new().await;
    let secret = world.studio.issue_sign_in_secret().await.unwrap();
    let request = request(Method::POST, "/login")
        .header("content-type", "application/x-www-form-urlencoded")
        .header("accept", "text/html");
    let body = Body::from(format!("secret={secret}"));
    let answer = world.call(request.body(body).unwrap()).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
    let cookie = answer.headers["set-cookie"].to_str().unwrap();
    for part in ["HttpOnly", "SameSite=Strict", "Path=/"] {
        assert!(cookie.contains(part), "{cookie}");
    }
}

#[tokio::test]
async fn a26_odd_paths_reach_nothing() {
    let world = World::new().await;
    for path in [
        "//v1/models",
        "/V1/models",
        "/v1/..;/models",
        "/v1/%2e%2e/api/v1/me",
        "/api/v1/me/",
    ] {
        let answer = world
            .call(request(Method::GET, path).body(Body::empty()).unwrap())
            .await;
        let refused = [StatusCode::NOT_FOUND, StatusCode::UNAUTHORIZED];
        assert!(
            refused.contains(&answer.status),
            "{path}: {}",
            answer.status
        );
    }
}
