//! Refresh tokens over HTTP: good once, and what becomes of those who use one twice.

use axum::http::StatusCode;
use hanok_store::StoreError;
use hanok_store::rows::audit::{Filter, Part};
use serde_json::json;

use crate::tokens::{access, me, pair, post, refresh, refused, world};

#[tokio::test]
async fn a_refresh_token_is_good_once_and_its_reuse_ends_the_session() {
    let world = world().await;
    let first = pair(&world).await;
    let second = refresh(&world, &first).await;
    assert_eq!(second.status, StatusCode::OK, "{}", second.text);
    let second = second.json();
    assert_ne!(first["refresh_token"], second["refresh_token"]);
    for token in [&first, &second] {
        assert_eq!(me(&world, &access(token)).await.status, StatusCode::OK);
    }
    let again = refresh(&world, &first).await;
    assert_eq!(again.status, StatusCode::UNAUTHORIZED);
    assert_eq!(again.code(), "invalid_refresh_token");
    // Whoever has the younger one may be the thief: nobody keeps anything.
    for token in [&first, &second] {
        refused(&me(&world, &access(token)).await, "after the reuse");
        assert_eq!(
            refresh(&world, token).await.status,
            StatusCode::UNAUTHORIZED
        );
    }
    let part = &Part {
        limit: 20,
        ..Part::default()
    };
    let all = &Filter::default();
    let log = world
        .store
        .read(|tx| async move { tx.audit().search(all, part).await });
    let log: Result<_, StoreError> = log.await;
    let actions: Vec<String> = log
        .unwrap()
        .rows
        .into_iter()
        .map(|row| row.told.action)
        .collect();
    for action in ["token.issue", "token.refresh", "token.reuse_detected"] {
        assert!(
            actions.iter().any(|told| told == action),
            "{action}: {actions:?}"
        );
    }
}

#[tokio::test]
async fn of_many_refreshes_at_once_one_succeeds() {
    let world = world().await;
    let tokens = &pair(&world).await;
    let world = &world;
    let tries = (0..20).map(|_| async move { refresh(world, tokens).await.status });
    let statuses = futures_util::future::join_all(tries).await;
    let won = statuses
        .iter()
        .filter(|status| **status == StatusCode::OK)
        .count();
    let lost = statuses
        .iter()
        .filter(|status| **status == StatusCode::UNAUTHORIZED)
        .count();
    assert_eq!((won, lost), (1, 19), "{statuses:?}");
}

#[tokio::test]
async fn a_one_time_secret_gives_tokens_once() {
    let world = world().await;
    let secret = world.studio.issue_sign_in_secret().await.unwrap();
    let body = json!({ "grant_type": "one_time_secret", "secret": secret });
    assert_eq!(
        post(&world, "/api/v1/auth/token", body.clone())
            .await
            .status,
        StatusCode::OK
    );
    for body in [
        body,
        json!({ "grant_type": "one_time_secret", "secret": "once_x" }),
    ] {
        let answer = post(&world, "/api/v1/auth/token", body).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
        assert_eq!(answer.code(), "sign_in_failed");
    }
    for odd in [json!({}), json!({ "grant_type": "implicit" }), json!([])] {
        let answer = post(&world, "/api/v1/auth/token", odd).await;
        assert!(answer.status.is_client_error(), "{}", answer.text);
    }
}
