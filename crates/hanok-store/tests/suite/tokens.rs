//! What is good once: of many who try at the same moment one succeeds, on every database.

use std::time::Duration;

use futures_util::future::join_all;
use hanok_store::rows::oidc_flows::Flow;
use hanok_store::rows::refresh_tokens::NewRefreshToken;
use hanok_store::rows::sessions::NewSession;
use hanok_store::{Redacted, Store, StoreError, Tx};
use hanok_testkit::{TestDatabase, on_all_databases};

const HOUR: Duration = Duration::from_secs(3600);

/// How many of twenty heard yes.
async fn winners<Fut>(store: &Store, attempt: impl Fn(Tx) -> Fut) -> usize
where
    Fut: Future<Output = Result<bool, StoreError>>,
{
    let tries = join_all((0..20).map(|_| store.write(&attempt))).await;
    let heard = tries.into_iter().map(|tried| tried.expect("writes"));
    heard.filter(|yes| *yes).count()
}

#[tokio::test]
async fn a24_a_step_and_a_recovery_code_are_used_up_once() {
    on_all_databases(async |db| {
        let store = &db.open().await;
        let (user, _) = TestDatabase::account(store, "ann").await;
        let user = &user.id;
        let sealed = &Redacted::new("sealed");
        let hashes = &["one".to_owned(), "two".to_owned()];
        let first = store.write(async |tx| {
            assert!(tx.second_factor().offer(user, sealed).await?);
            assert!(tx.second_factor().confirm(user).await?);
            assert!(!tx.second_factor().confirm(user).await?);
            assert!(!tx.second_factor().offer(user, sealed).await?);
            tx.second_factor().replace_codes(user, hashes).await
        });
        first.await.expect("enrols");
        for step in [100, 101] {
            let won = winners(store, |tx| async move {
                tx.second_factor().advance(user, step).await
            });
            assert_eq!(won.await, 1);
        }
        let earlier = winners(store, |tx| async move {
            tx.second_factor().advance(user, 99).await
        });
        assert_eq!(earlier.await, 0);
        let won = winners(store, |tx| async move {
            tx.second_factor().use_code(user, "one").await
        });
        assert_eq!(won.await, 1);
        let left = store.read(async |tx| tx.second_factor().codes_left(user).await);
        assert_eq!(left.await.expect("reads"), 1);
        let cleared = store.write(async |tx| {
            tx.second_factor().clear(user).await?;
            tx.second_factor().get(user).await
        });
        let cleared = cleared.await.expect("clears").expect("an account");
        assert_eq!(
            (cleared.secret, cleared.confirmed_at, cleared.last_step),
            (None, None, None)
        );
    })
    .await;
}

#[tokio::test]
async fn a_refresh_token_and_a_flow_are_used_up_once() {
    on_all_databases(async |db| {
        let store = &db.open().await;
        let (user, project) = TestDatabase::account(store, "ann").await;
        let (user, project) = (&user.id, &project.id);
        let token = store.write(async |tx| {
            let session = NewSession {
                user_id: user.clone(),
                token_hash: "s".into(),
                lifetime: HOUR,
                user_agent: String::new(),
                address: String::new(),
                method: "token".into(),
            };
            let session = tx.sessions().insert(&session).await?;
            let new = NewRefreshToken {
                session_id: session.id,
                user_id: user.clone(),
                project_id: project.clone(),
                hash: "r".into(),
                lifetime: HOUR,
            };
            tx.refresh_tokens().insert(&new).await
        });
        let token = &token.await.expect("inserts").id;
        let won = winners(store, |tx| async move {
            tx.refresh_tokens().use_up(token).await
        });
        assert_eq!(won.await, 1);

        let flow = &Flow {
            state_hash: "state".into(),
            browser_hash: "browser".into(),
            nonce: Redacted::new("nonce"),
            verifier: Redacted::new("verifier"),
            redirect_uri: "http://127.0.0.1/".into(),
            next: "/".into(),
            link_user_id: None,
        };
        let over = &Flow {
            state_hash: "over".into(),
            ..flow.clone()
        };
        let begun = store.write(async |tx| {
            tx.oidc_flows().insert(flow, HOUR).await?;
            tx.oidc_flows().insert(over, Duration::ZERO).await
        });
        begun.await.expect("inserts");
        let take = |state: &'static str, browser: &'static str| {
            winners(store, move |tx| async move {
                Ok(tx.oidc_flows().take(state, browser).await?.is_some())
            })
        };
        assert_eq!(take("state", "another").await, 0);
        assert_eq!(take("over", "browser").await, 0);
        assert_eq!(take("state", "browser").await, 1);
    })
    .await;
}
