//! Repeated requests.

use std::sync::Arc;

use hanok_store::rows::idempotency::{RequestKey, Seen};
use hanok_store::{Page, Store, StoreError};
use hanok_testkit::{TestDatabase, on_all_databases};
use serde_json::json;
use tokio::sync::Barrier;

use crate::support;

fn request(project: &str, key: &str, body: &str) -> RequestKey {
    RequestKey {
        project_id: project.to_owned(),
        key: key.to_owned(),
        route: "POST /api/v1/datasets".to_owned(),
        request_hash: body.to_owned(),
    }
}

/// What a creating handler does: claim, create, keep the answer, all in one transaction.
async fn create(store: &Store, request: &RequestKey) -> Result<Seen, StoreError> {
    store
        .write(async |tx| {
            let seen = tx.idempotency().begin(request).await?;
            if seen == Seen::New {
                let new = support::new_dataset(&request.project_id, "one");
                let dataset = tx.datasets().insert(&new).await?;
                let answer = json!({ "id": dataset.id });
                tx.idempotency().finish(request, 201, &answer).await?;
            }
            Ok(seen)
        })
        .await
}

#[tokio::test]
async fn f03_a_repeated_request_gets_the_first_answer() {
    on_all_databases(async |db| {
        let store = db.open().await;
        let (_, project) = TestDatabase::account(&store, "ann").await;
        let first = request(&project.id, "k1", "body");
        assert_eq!(create(&store, &first).await.expect("runs"), Seen::New);
        let rows = store
            .read(async |tx| tx.datasets().list(&project.id, &Page::first(9)).await)
            .await
            .expect("lists");
        assert_eq!(rows.len(), 1);
        let expected = Seen::Answered {
            status: 201,
            response: json!({ "id": rows[0].id }),
        };
        assert_eq!(create(&store, &first).await.expect("runs"), expected);
        let other_body = request(&project.id, "k1", "another body");
        assert_eq!(
            create(&store, &other_body).await.expect("runs"),
            Seen::Different
        );
        let other_route = RequestKey {
            route: "POST /api/v1/runs".to_owned(),
            ..first
        };
        assert_eq!(create(&store, &other_route).await.expect("runs"), Seen::New);
    })
    .await;
}

#[tokio::test]
async fn f29_of_two_at_once_one_creates_and_the_other_gets_its_answer() {
    on_all_databases(async |db| {
        let store = db.open().await;
        let (_, project) = TestDatabase::account(&store, "ann").await;
        for round in 0..10 {
            let start = Arc::new(Barrier::new(2));
            let tasks = [0, 1].map(|_| {
                let (store, start) = (store.clone(), start.clone());
                let request = request(&project.id, &format!("k{round}"), "body");
                tokio::spawn(async move {
                    start.wait().await;
                    create(&store, &request).await.expect("runs")
                })
            });
            let mut new = 0;
            for task in tasks {
                match task.await.expect("no panic") {
                    Seen::New => new += 1,
                    Seen::Answered { status: 201, .. } => {}
                    other => panic!("unexpected: {other:?}"),
                }
            }
            assert_eq!(new, 1, "round {round}");
        }
        let rows = store
            .read(async |tx| tx.datasets().list(&project.id, &Page::first(99)).await)
            .await
            .expect("lists");
        assert_eq!(rows.len(), 10);
    })
    .await;
}

#[tokio::test]
async fn a_key_whose_transaction_failed_is_free_again() {
    on_all_databases(async |db| {
        let store = db.open().await;
        let (_, project) = TestDatabase::account(&store, "ann").await;
        let request = request(&project.id, "k1", "body");
        let failed = store
            .write(async |tx| {
                tx.idempotency().begin(&request).await?;
                Err::<(), _>(StoreError::Conflict("on purpose".to_owned()))
            })
            .await;
        assert!(failed.is_err());
        assert_eq!(create(&store, &request).await.expect("runs"), Seen::New);
    })
    .await;
}

#[tokio::test]
async fn old_answers_are_forgotten() {
    on_all_databases(async |db| {
        let store = db.open().await;
        let (_, project) = TestDatabase::account(&store, "ann").await;
        let request = request(&project.id, "k1", "body");
        create(&store, &request).await.expect("runs");
        let forgotten = store
            .write(async |tx| tx.idempotency().forget_before(i64::MAX).await)
            .await;
        assert_eq!(forgotten.expect("deletes"), 1);
        assert_eq!(create(&store, &request).await.expect("runs"), Seen::New);
    })
    .await;
}
