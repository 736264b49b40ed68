//! Bad requests: each gets its status and the envelope, never a 500.

use axum::body::Body;
use axum::http::{Method, StatusCode};

use crate::world::{World, request};

#[tokio::test]
async fn every_fault_has_the_four_keys() {
    let world = World::new().await;
    let answer = world.api(Method::GET, "/api/v1/runs/run_none", None).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    let error = &answer.json()["error"];
    for key in ["message", "type", "param", "code"] {
        assert!(error.get(key).is_some(), "{key}");
    }
    assert!(answer.headers.contains_key("x-request-id"));
}

#[tokio::test]
async fn bodies_that_make_no_sense() {
    let world = World::new().await;
    let deep = "[".repeat(100_000);
    let long = format!("{{\"model\":\"{}\"}}", "x".repeat(100 << 10));
    for (body, status) in [
        ("{", StatusCode::BAD_REQUEST),
        (deep.as_str(), StatusCode::PAYLOAD_TOO_LARGE),
        ("[]", StatusCode::UNPROCESSABLE_ENTITY),
        ("{\"model\": 1}", StatusCode::UNPROCESSABLE_ENTITY),
        (
            "{\"model\":\"m\",\"colour\":1}",
            StatusCode::UNPROCESSABLE_ENTITY,
        ),
        (long.as_str(), StatusCode::PAYLOAD_TOO_LARGE),
        ("\u{feff}{}", StatusCode::BAD_REQUEST),
    ] {
        let answer = world
            .api(Method::POST, "/api/v1/deployments", Some(body))
            .await;
        let shown: String = body.chars().take(40).collect();
        assert_eq!(answer.status, status, "{shown}: {}", answer.text);
        assert!(answer.json()["error"]["message"].is_string());
    }
    let untyped = request(Method::POST, "/api/v1/deployments")
        .header("authorization", format!("Bearer {}", world.key))
        .body(Body::from("{}"))
        .unwrap();
    let answer = world.call(untyped).await;
    assert_eq!(answer.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
}

#[tokio::test]
async fn f09s_depth_is_refused_before_it_is_built() {
    let world = World::new().await;
    let deep = format!(
        "{{\"dataset\":\"d\",\"params\":{{\"a\":{}",
        "[".repeat(50_000)
    );
    let answer = world.api(Method::POST, "/api/v1/runs", Some(&deep)).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{}", answer.text);
    assert_eq!(answer.code(), "malformed_json");
}

#[tokio::test]
async fn chat_requests_that_make_no_sense() {
    let world = World::new().await;
    for (body, status, code) in [
        (
            r#"{"model":"ft:none","messages":[{"role":"user","content":"hi"}]}"#,
            404,
            "model_not_found",
        ),
        (r#"{"model":"m","messages":[]}"#, 422, "no_user_message"),
        (
            r#"{"model":"m","messages":[{"role":"user","content":" "}]}"#,
            422,
            "empty_message",
        ),
        (
            r#"{"model":"m","messages":[{"role":"user"}]}"#,
            422,
            "empty_message",
        ),
        (
            r#"{"model":"m","n":1000000000,"messages":[{"role":"user","content":"hi"}]}"#,
            422,
            "invalid_n",
        ),
        (
            r#"{"model":"m","messages":[{"role":"user","content":[{"type":"image_url"}]}]}"#,
            422,
            "unsupported_content",
        ),
    ] {
        let answer = world
            .api(Method::POST, "/v1/chat/completions", Some(body))
            .await;
        assert_eq!(answer.status.as_u16(), status, "{body}: {}", answer.text);
        assert_eq!(answer.code(), code, "{body}");
    }
    for body in [
        r#"{"model":"m","input":[]}"#,
        r#"{"model":"m","input":["a",""]}"#,
    ] {
        let answer = world.api(Method::POST, "/v1/classify", Some(body)).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{body}");
    }
}

#[tokio::test]
async fn f86_forms_that_make_no_sense() {
    let world = World::new().await;
    let part = |head: &str, body: &str| {
        format!("--X\r\nContent-Disposition: form-data; {head}\r\n\r\n{body}\r\n")
    };
    let file = part("name=\"file\"; filename=\"a.csv\"", "text,label\n");
    let two = format!("{file}{file}--X--\r\n");
    let unknown = format!("{file}{}--X--\r\n", part("name=\"colour\"", "red"));
    let none = format!("{}--X--\r\n", part("name=\"name\"", "mine"));
    let long = format!("{}--X--\r\n", part("name=\"name\"", &"x".repeat(5000)));
    for (kind, body, status) in [
        ("multipart/form-data; boundary=X", two.as_str(), 400),
        ("multipart/form-data; boundary=X", &unknown, 422),
        ("multipart/form-data; boundary=X", &none, 422),
        ("multipart/form-data; boundary=X", &long, 413),
        ("multipart/form-data; boundary=X", &file, 400),
        ("multipart/form-data", &two, 400),
        ("text/plain", &two, 415),
    ] {
        let request = request(Method::POST, "/api/v1/datasets")
            .header("authorization", format!("Bearer {}", world.key))
            .header("content-type", kind);
        let answer = world
            .call(request.body(Body::from(body.to_owned())).unwrap())
            .await;
        assert_eq!(answer.status.as_u16(), status, "{kind}: {}", answer.text);
    }
    let listed = world.api(Method::GET, "/api/v1/datasets", None).await;
    assert_eq!(listed.json()["data"], serde_json::json!([]));
}

#[tokio::test]
async fn an_upload_over_the_limit_is_refused_and_leaves_nothing() {
    let world = World::new().await;
    let body = format!(
        "--X\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\n\r\n{}\r\n--X--\r\n",
        "x".repeat(2 << 20)
    );
    let request = request(Method::POST, "/api/v1/datasets")
        .header("authorization", format!("Bearer {}", world.key))
        .header("content-type", "multipart/form-data; boundary=X");
    let answer = world.call(request.body(Body::from(body)).unwrap()).await;
    assert_eq!(
        answer.status,
        StatusCode::PAYLOAD_TOO_LARGE,
        "{}",
        answer.text
    );
    assert_eq!(answer.code(), "too_large");
}
