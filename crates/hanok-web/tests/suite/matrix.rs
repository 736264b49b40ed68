//! Every route × credential. The expected policies are written by hand here, not read from the program:
//! a route that is not in the table fails the test.

use axum::body::Body;
use axum::http::{Method, StatusCode};
use hanok_web::routes::Policy;

use crate::world::{LOCAL, METRICS, WORKER, World, concrete, request};

/// Who may call what: by method and path, the longest prefix wins.
const EXPECTED: &[(&str, &str, Policy)] = &[
    ("GET", "/health", Policy::Public),
    ("GET", "/health/detailed", Policy::Near),
    ("GET", "/docs", Policy::Near),
    ("GET", "/openapi.json", Policy::Near),
    ("GET", "/metrics", Policy::Scrape),
    ("GET", "/api/v1/metrics", Policy::Scrape),
    ("GET", "/_stcore/health", Policy::Public),
    ("GET", "/api/v1/health", Policy::Public),
    ("GET", "/static", Policy::Public),
    ("GET", "/login", Policy::Public),
    ("POST", "/login", Policy::Public),
    ("POST", "/logout", Policy::Viewer),
    ("GET", "/register", Policy::Public),
    ("POST", "/register", Policy::Public),
    ("GET", "/verify", Policy::Public),
    ("POST", "/verify", Policy::Public),
    ("GET", "/forgot", Policy::Public),
    ("POST", "/forgot", Policy::Public),
    ("GET", "/reset", Policy::Public),
    ("POST", "/reset", Policy::Public),
    ("GET", "/account", Policy::Account),
    ("POST", "/account", Policy::Account),
    ("GET", "/admin", Policy::Admin),
    ("POST", "/admin", Policy::Admin),
    ("POST", "/api/v1/auth", Policy::Public),
    ("POST", "/api/v1/auth/logout", Policy::Account),
    ("GET", "/api/v1/account", Policy::Account),
    ("POST", "/api/v1/account", Policy::Account),
    ("DELETE", "/api/v1/account", Policy::Account),
    ("GET", "/api/v1/users", Policy::Admin),
    ("POST", "/api/v1/users", Policy::Admin),
    ("DELETE", "/api/v1/users", Policy::Admin),
    ("GET", "/api/v1/invitations", Policy::Admin),
    ("POST", "/api/v1/invitations", Policy::Admin),
    ("DELETE", "/api/v1/invitations", Policy::Admin),
    ("GET", "/", Policy::Viewer),
    ("POST", "/", Policy::Editor),
    ("GET", "/datasets/new", Policy::Editor),
    ("GET", "/runs/new", Policy::Editor),
    ("GET", "/models/import", Policy::Editor),
    ("POST", "/deployments/try", Policy::Viewer),
    ("GET", "/v1", Policy::Viewer),
    ("POST", "/v1", Policy::Viewer),
    ("POST", "/v1/files", Policy::Editor),
    ("POST", "/v1/fine_tuning", Policy::Editor),
    ("DELETE", "/v1", Policy::Editor),
    ("GET", "/api/v1", Policy::Viewer),
    ("POST", "/api/v1", Policy::Editor),
    ("DELETE", "/api/v1", Policy::Editor),
    ("GET", "/api/v1/attach", Policy::Local),
    ("POST", "/api/v1/sign-in-secrets", Policy::Local),
    ("POST", "/api/v1/fsck", Policy::Local),
    ("GET", "/admin", Policy::Admin),
    ("POST", "/admin", Policy::Admin),
    ("GET", "/api/v1/audit", Policy::Owner),
    ("POST", "/api/v1/audit/verify", Policy::Admin),
    ("GET", "/v1/organization/audit_logs", Policy::Admin),
    ("POST", "/worker/v1", Policy::Worker),
];

fn expected(method: &Method, path: &str) -> Option<Policy> {
    EXPECTED
        .iter()
        .filter(|(m, prefix, _)| {
            *m == method.as_str()
                && (path == *prefix
                    || *prefix == "/"
                    || path
                        .strip_prefix(prefix)
                        .is_some_and(|rest| rest.starts_with('/')))
        })
        .max_by_key(|(_, prefix, _)| prefix.len())
        .map(|(_, _, policy)| *policy)
}

#[tokio::test]
async fn b01_every_route_has_the_policy_that_the_table_says() {
    let world = World::new().await;
    assert!(world.routes.len() > 30);
    for route in &world.routes {
        assert_eq!(
            Some(route.policy),
            expected(&route.method, route.path),
            "{} {}",
            route.method,
            route.path
        );
    }
}

#[tokio::test]
async fn b01_nobody_gets_past_a_route_that_is_not_public() {
    let world = World::new().await;
    for route in world.routes.iter().filter(|r| r.policy != Policy::Public) {
        let path = concrete(route.path);
        for credential in [
            None,
            Some("Bearer nonsense".to_owned()),
            Some("Basic YTpi".to_owned()),
            Some(format!("Bearer {}x", world.key)),
        ] {
            let mut request = request(route.method.clone(), &path);
            if let Some(credential) = &credential {
                request = request.header("authorization", credential);
            }
            let answer = world.call(request.body(Body::empty()).unwrap()).await;
            if route.page {
                assert_eq!(answer.status, StatusCode::SEE_OTHER, "{path}");
                assert_eq!(answer.headers["location"], "/login");
            } else {
                assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{path}");
                assert_eq!(answer.code(), "invalid_api_key");
                assert!(answer.headers.contains_key("www-authenticate"));
            }
        }
    }
}

#[tokio::test]
async fn b01_each_credential_opens_only_its_own_routes() {
    let world = World::new().await;
    for (token, opens) in [
        (
            world.key.as_str(),
            [
                Policy::Viewer,
                Policy::Editor,
                Policy::Owner,
                Policy::Admin,
                Policy::Near,
                Policy::Scrape,
            ]
            .as_slice(),
        ),
        (WORKER, &[Policy::Worker]),
        (METRICS, &[Policy::Scrape]),
        (
            LOCAL,
            &[
                Policy::Viewer,
                Policy::Editor,
                Policy::Owner,
                Policy::Account,
                Policy::Admin,
                Policy::Near,
                Policy::Scrape,
                Policy::Local,
            ],
        ),
    ] {
        for route in world.routes.iter().filter(|r| r.policy != Policy::Public) {
            // Streams do not end by themselves; their guard is the same.
            if route.path.ends_with("live") || route.path.ends_with("/attach") {
                continue;
            }
            let request = request(route.method.clone(), &concrete(route.path))
                .header("authorization", format!("Bearer {token}"));
            let answer = world.call(request.body(Body::empty()).unwrap()).await;
            let refused = answer.status == StatusCode::UNAUTHORIZED
                || answer.status == StatusCode::FORBIDDEN
                || answer
                    .headers
                    .get("location")
                    .is_some_and(|l| l == "/login");
            let open = opens.contains(&route.policy);
            // Signing out is what it does, not a refusal.
            let logout = route.path == "/logout" && open;
            assert_eq!(
                !refused || logout,
                open,
                "{token} {} {}",
                route.method,
                route.path
            );
            assert_ne!(
                answer.status,
                StatusCode::INTERNAL_SERVER_ERROR,
                "{}",
                route.path
            );
        }
    }
}

#[tokio::test]
async fn b12_reading_changes_nothing_and_other_methods_are_refused() {
    let world = World::new().await;
    for method in [Method::PUT, Method::PATCH, Method::TRACE] {
        let answer = world.api(method.clone(), "/api/v1/datasets", None).await;
        assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED, "{method}");
        assert!(answer.headers.contains_key("allow"));
    }
}
