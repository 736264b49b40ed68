//! The audit log over HTTP: the studio's surface, OpenAI's, the page, and refusals on their way into it.

use axum::body::Body;
use axum::http::{Method, StatusCode};
use hanok_studio::audit::{HeadKey, Heads};

use crate::world::{World, request};

async fn sealed() -> World {
    let world = World::new().await;
    let path = world.dir().join("audit").join("heads.jsonl");
    let heads = Heads::new(HeadKey::new([7; 32], Vec::new()), path);
    world.studio.keep_audit_heads(heads);
    world.studio.seal_audit().await.unwrap();
    world
}

#[tokio::test]
async fn the_log_is_listed_searched_exported_and_verified() {
    let world = sealed().await;
    let get = |path: &'static str| world.api(Method::GET, path, None);
    let all = get("/api/v1/audit").await;
    assert_eq!(all.status, StatusCode::OK);
    let rows = all.json()["data"].as_array().unwrap().clone();
    let made = rows
        .iter()
        .find(|row| row["action"] == "key.create")
        .unwrap();
    assert_eq!(
        (made["actor"].as_str(), made["outcome"].as_str()),
        (Some("local"), Some("done"))
    );
    assert!(made["seq"].is_i64() && made["hash"].as_str().unwrap().len() == 64);
    // The key that asked is told of, and that it looked.
    let uses = get("/api/v1/audit?action=key.use&object=&text=")
        .await
        .json();
    assert_eq!(uses["data"].as_array().unwrap().len(), 1);
    assert_eq!(uses["data"][0]["actor"], "key");
    let odd = get("/api/v1/audit?outcome=maybe").await;
    assert_eq!(
        (odd.status, odd.code()),
        (StatusCode::UNPROCESSABLE_ENTITY, "invalid_filter".into())
    );
    for text in ["'%20OR%201=1--", "%25", "%5C", "%00"] {
        let found = world
            .api(Method::GET, &format!("/api/v1/audit?text={text}"), None)
            .await;
        assert!([200, 422].contains(&found.status.as_u16()), "{text}");
    }

    let csv = get("/api/v1/audit/export?format=csv&action=key.create").await;
    assert_eq!(csv.headers["content-type"], "text/csv; charset=utf-8");
    assert_eq!(csv.text.lines().count(), 2);
    let jsonl = get("/api/v1/audit/export?action=audit.export").await;
    assert_eq!(jsonl.text.lines().count(), 2);

    world.studio.seal_audit().await.unwrap();
    let report = world
        .api(Method::POST, "/api/v1/audit/verify", None)
        .await
        .json();
    assert_eq!(
        (report["clean"].as_bool(), report["gaps"].as_i64()),
        (Some(true), Some(0))
    );
    let figures = world.metrics().await;
    assert!(figures.contains("\nhanok_audit_trouble 0\n"), "{figures}");
    assert!(!figures.contains("\nhanok_audit_sealed_seq 0\n"));
}

#[tokio::test]
async fn an_export_is_given_to_whoever_takes_its_kind_alone() {
    let world = sealed().await;
    for (path, kind) in [
        ("/api/v1/audit/export", "application/jsonl"),
        ("/api/v1/audit/export?format=csv", "text/csv"),
    ] {
        let asked = request(Method::GET, path)
            .header("authorization", format!("Bearer {}", world.key))
            .header("accept", kind);
        let answer = world.call(asked.body(Body::empty()).unwrap()).await;
        assert_eq!(answer.status, StatusCode::OK, "{kind}: {}", answer.text);
    }
}

#[tokio::test]
async fn openais_shape_of_the_log() {
    let world = sealed().await;
    let path = "/v1/organization/audit_logs?event_types[]=key.create&effective_at[gt]=1&limit=5";
    let answer = world.api(Method::GET, path, None).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    let list = answer.json();
    assert_eq!(
        (list["object"].as_str(), list["has_more"].as_bool()),
        (Some("list"), Some(false))
    );
    let event = &list["data"][0];
    assert_eq!(event["type"], "key.create");
    assert_eq!(list["first_id"], event["id"]);
    assert_eq!(list["last_id"], event["id"]);
    assert!(event["effective_at"].as_i64().unwrap() > 1_700_000_000);
    assert_eq!(event["actor"]["type"], "session");
    assert!(
        event["key.create"]["id"]
            .as_str()
            .unwrap()
            .starts_with("key_")
    );
    let path = "/v1/organization/audit_logs?effective_at[lt]=1";
    let none = world.api(Method::GET, path, None).await.json();
    assert_eq!(none["data"].as_array().map(Vec::len), Some(0));
    let path = "/v1/organization/audit_logs?as_user=admin";
    let odd = world.api(Method::GET, path, None).await;
    assert_eq!(odd.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn g02_refusals_of_who_shows_a_credential_are_counted_and_those_of_nobody_are_not() {
    let world = sealed().await;
    for _ in 0..50 {
        let wrong = request(Method::GET, "/v1/models").header("authorization", "Bearer hk_wrong");
        let answer = world.call(wrong.body(Body::empty()).unwrap()).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
        let nobody = request(Method::GET, "/v1/models")
            .body(Body::empty())
            .unwrap();
        assert_eq!(world.call(nobody).await.status, StatusCode::UNAUTHORIZED);
    }
    assert_eq!(world.studio.write_denials().await.unwrap(), 1);
    let denied = world
        .api(Method::GET, "/api/v1/audit?outcome=denied", None)
        .await
        .json();
    let row = &denied["data"][0];
    assert_eq!(
        (row["action"].as_str(), row["actor"].as_str()),
        (Some("access.deny"), Some("nobody"))
    );
    assert_eq!(row["detail"]["requests"], 50);
    assert_eq!(row["detail"]["route"], "GET /v1/models");
    assert!(!denied.to_string().contains("hk_wrong"));
}

#[tokio::test]
async fn the_page_shows_rows_filters_and_the_seal_to_administrators() {
    let world = sealed().await;
    let cookie = format!("hanok_session={}", world.session().await);
    let visit = |path: &str| {
        let request = request(Method::GET, path).header("cookie", &cookie);
        world.call(
            request
                .header("accept", "text/html")
                .body(Body::empty())
                .unwrap(),
        )
    };
    let page = visit("/admin/audit?action=account.sign_in").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(
        page.text.contains("account.sign_in</summary>"),
        "{}",
        page.text
    );
    assert!(!page.text.contains("key.create</summary>"));
    assert!(
        page.text
            .contains("/api/v1/audit/export?format=csv&#38;action=account.sign_in")
            || page
                .text
                .contains("/api/v1/audit/export?format=csv&amp;action=account.sign_in")
    );
    assert!(
        page.text
            .contains("href=\"/admin/audit\" aria-current=\"page\"")
    );
    let nothing = visit("/admin/audit?actor=user_none").await;
    assert!(nothing.text.contains("No row fits"));
    let wrong = visit("/admin/audit?since=yesterday").await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.text.contains("This search cannot be made"));
    // Without a script: the form is posted, the page tells what came of it.
    let token = page.text.split("name=\"csrf\" value=\"").nth(1).unwrap();
    let token = token.split('"').next().unwrap();
    let post = request(Method::POST, "/admin/audit/verify")
        .header("cookie", &cookie)
        .header("origin", "http://127.0.0.1:8080")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(Body::from(format!("csrf={token}")))
        .unwrap();
    assert_eq!(world.call(post).await.status, StatusCode::SEE_OTHER);
    let page = visit("/admin/audit?lang=ko").await;
    assert!(page.text.contains("온전함"), "{}", page.text);
}
