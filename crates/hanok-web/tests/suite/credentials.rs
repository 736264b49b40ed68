//! Where a credential may stand, and roles.

use axum::body::Body;
use axum::http::{Method, StatusCode};
use hanok_domain::role::MemberRole;
use hanok_store::StoreError;
use hanok_store::rows::projects::Member;
use hanok_studio::keys::NewKey;

use crate::world::{World, concrete, request};

#[tokio::test]
async fn a09_a_key_counts_in_its_headers_only_and_by_the_same_scopes() {
    let world = World::new().await;
    let reader = &bounded(&world, &["read-only"]).await;
    for (name, value) in [
        ("authorization", format!("Bearer {reader}")),
        ("x-api-key", reader.clone()),
    ] {
        let ask = |method: Method| {
            let request = request(method, "/api/v1/keys").header(name, &value);
            let request = request.header("content-type", "application/json");
            world.call(request.body(Body::from("{\"name\":\"k\"}")).unwrap())
        };
        assert_eq!(ask(Method::GET).await.status, StatusCode::OK, "{name}");
        let denied = ask(Method::POST).await;
        assert_eq!(denied.status, StatusCode::FORBIDDEN, "{name}");
        assert_eq!(denied.code(), "scope_denied");
    }
    let session = format!("hanok_session={}", world.session().await);
    for request in [
        request(Method::GET, "/api/v1/me").header("cookie", format!("hanok_session={reader}")),
        request(Method::GET, "/api/v1/me").header("x-forwarded-user", "admin"),
        request(Method::GET, "/api/v1/me")
            .header("authorization", format!("Bearer {reader}"))
            .header("x-api-key", &world.key),
        request(Method::GET, "/api/v1/me")
            .header("authorization", format!("Bearer {reader}"))
            .header("cookie", session),
    ] {
        let answer = world.call(request.body(Body::empty()).unwrap()).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
        assert_eq!(answer.code(), "invalid_api_key");
    }
}

#[tokio::test]
async fn a09_a_credential_in_the_query_is_refused_on_every_route() {
    let world = World::new().await;
    for route in &world.routes {
        for name in ["api_key", "access_token", "key"] {
            let path = format!("{}?{name}={}", concrete(route.path), world.key);
            let bearer = format!("Bearer {}", world.key);
            let request = request(route.method.clone(), &path).header("authorization", bearer);
            let answer = world.call(request.body(Body::empty()).unwrap()).await;
            assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{path}");
            assert_eq!(answer.code(), "credential_in_query", "{path}");
            assert!(!answer.text.contains(&world.key), "{path}");
        }
    }
}

#[tokio::test]
async fn a_viewer_may_look_and_not_touch() {
    let world = World::new().await;
    let caller = world.studio.local_caller().await.unwrap();
    let member = &Member {
        project_id: caller.project_id.clone(),
        user_id: caller.user_id.clone(),
        role: MemberRole::Viewer,
    };
    world
        .store
        .write(|tx| async move {
            tx.projects().set_member(member).await?;
            Ok::<_, StoreError>(())
        })
        .await
        .unwrap();
    let look = world.api(Method::GET, "/api/v1/runs", None).await;
    assert_eq!(look.status, StatusCode::OK);
    let touch = world.api(Method::POST, "/api/v1/runs", Some("{}")).await;
    assert_eq!(touch.status, StatusCode::FORBIDDEN);
    assert_eq!(touch.code(), "forbidden");
}

#[tokio::test]
async fn a_session_cookie_opens_api_and_pages_until_it_ends() {
    let world = World::new().await;
    let token = world.session().await;
    let cookie = format!("hanok_session={token}");
    let get = |path: &'static str| {
        request(Method::GET, path)
            .header("cookie", cookie.clone())
            .body(Body::empty())
            .unwrap()
    };
    assert_eq!(world.call(get("/api/v1/me")).await.status, StatusCode::OK);
    assert_eq!(world.call(get("/datasets")).await.status, StatusCode::OK);
    world
        .studio
        .sign_out(&token, &Default::default())
        .await
        .unwrap();
    assert_eq!(
        world.call(get("/api/v1/me")).await.status,
        StatusCode::UNAUTHORIZED
    );
    assert_eq!(
        world.call(get("/datasets")).await.status,
        StatusCode::SEE_OTHER
    );
}

/// A key with these scopes.
async fn bounded(world: &World, scopes: &[&str]) -> String {
    let caller = world.studio.local_caller().await.unwrap();
    let new = NewKey {
        name: "bounded".into(),
        scopes: scopes.iter().map(|&scope| scope.to_owned()).collect(),
        ..NewKey::default()
    };
    world.studio.create_key(&caller, new).await.unwrap().key
}

#[tokio::test]
async fn a10_a_key_with_scopes_is_refused_wherever_they_do_not_lead() {
    let world = World::new().await;
    let (get, post, delete) = (Method::GET, Method::POST, Method::DELETE);
    // By hand: scopes, request, whether it comes past the guard.
    let expected: [(&[&str], &Method, &str, bool); 20] = [
        (&["read-only"], &get, "/api/v1/runs", true),
        (&["read-only"], &get, "/runs", true),
        (&["read-only"], &post, "/api/v1/runs", false),
        (&["read-only"], &post, "/api/v1/keys", false),
        (&["read-only"], &delete, "/api/v1/datasets/ds_1", false),
        (&["read-only"], &post, "/v1/chat/completions", true),
        (&["route:/v1/files"], &get, "/v1/files", true),
        (&["route:/v1/files"], &get, "/v1/files/file_1/content", true),
        (&["route:/v1/files"], &get, "/v1/models", false),
        (&["route:/v1/files"], &get, "/api/v1/datasets", false),
        (&["route:/v1/files"], &get, "/", false),
        (&["route:/v1/files"], &get, "/runs", false),
        (&["route:/v1/files"], &get, "/metrics", false),
        (
            &["route:/v1/files", "read-only"],
            &delete,
            "/v1/files/file_1",
            false,
        ),
        (&["model:hanok-decoder"], &get, "/v1/models", true),
        (&["model:hanok-decoder"], &post, "/v1/embeddings", true),
        (
            &["model:hanok-decoder"],
            &get,
            "/v1/fine_tuning/jobs",
            false,
        ),
        (&["model:hanok-decoder"], &post, "/api/v1/runs", false),
        (&["model:hanok-decoder"], &get, "/api/v1/keys", false),
        (&["model:hanok-decoder"], &get, "/playground", false),
    ];
    for (scopes, method, path, passes) in expected {
        let key = bounded(&world, scopes).await;
        let request =
            request(method.clone(), path).header("authorization", format!("Bearer {key}"));
        let request = request.header("content-type", "application/json");
        let answer = world.call(request.body(Body::from("{}")).unwrap()).await;
        let refused = answer.status == StatusCode::FORBIDDEN;
        assert_eq!(
            refused, !passes,
            "{scopes:?} {method} {path}: {}",
            answer.status
        );
    }
}

#[tokio::test]
async fn a10_a_key_for_a_model_sees_and_calls_no_other() {
    let world = World::new().await;
    let key = bounded(&world, &["model:somebody-elses"]).await;
    let ask = |method: Method, path: &str, body: &'static str| {
        let request = request(method, path).header("authorization", format!("Bearer {key}"));
        let request = request.header("content-type", "application/json");
        world.call(request.body(Body::from(body)).unwrap())
    };
    let listed = ask(Method::GET, "/v1/models", "").await.json();
    assert_eq!(listed["data"].as_array().map(Vec::len), Some(0), "{listed}");
    let body = r#"{"model":"hanok-encoder","input":"a text"}"#;
    let called = ask(Method::POST, "/v1/embeddings", body).await;
    assert_eq!(called.status, StatusCode::FORBIDDEN);
    assert_eq!(called.code(), "scope_denied");
}

#[tokio::test]
async fn a11_no_key_makes_a_wider_one() {
    let world = World::new().await;
    let key = bounded(&world, &["route:/api/v1/keys"]).await;
    for body in [
        r#"{"name":"wider"}"#,
        r#"{"name":"as wide","scopes":["route:/api/v1/keys"]}"#,
    ] {
        let request = request(Method::POST, "/api/v1/keys");
        let request = request.header("authorization", format!("Bearer {key}"));
        let request = request.header("content-type", "application/json");
        let answer = world.call(request.body(Body::from(body)).unwrap()).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{body}");
        assert_eq!(answer.code(), "scope_denied");
    }
    for (field, body) in [
        ("scopes", r#"{"name":"k","scopes":["write"]}"#),
        ("expires_in_days", r#"{"name":"k","expires_in_days":0}"#),
        ("expires_in_days", r#"{"name":"k","expires_in_days":4000}"#),
    ] {
        let answer = world.api(Method::POST, "/api/v1/keys", Some(body)).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{body}");
        assert_eq!(answer.json()["error"]["param"], field);
    }
}
