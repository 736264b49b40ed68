//! Where a credential may stand, and roles.

use axum::body::Body;
use axum::http::{Method, StatusCode};
use hanok_domain::role::MemberRole;
use hanok_store::StoreError;
use hanok_store::rows::projects::Member;

use crate::world::{World, request};

#[tokio::test]
async fn a09_a_key_counts_in_the_header_only() {
    let world = World::new().await;
    let in_query = format!("/api/v1/me?api_key={}&key={}", world.key, world.key);
    let in_cookie = format!("hanok_session={}", world.key);
    for request in [
        request(Method::GET, &in_query),
        request(Method::GET, "/api/v1/me").header("cookie", in_cookie),
        request(Method::GET, "/api/v1/me").header("x-forwarded-user", "admin"),
    ] {
        let answer = world.call(request.body(Body::empty()).unwrap()).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    }
    let answer = world.api(Method::GET, "/api/v1/me", None).await;
    assert_eq!(answer.json()["user"]["name"], "admin");
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
    world.studio.sign_out(&token).await.unwrap();
    assert_eq!(
        world.call(get("/api/v1/me")).await.status,
        StatusCode::UNAUTHORIZED
    );
    assert_eq!(
        world.call(get("/datasets")).await.status,
        StatusCode::SEE_OTHER
    );
}
