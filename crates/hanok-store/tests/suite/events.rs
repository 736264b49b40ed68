//! Events: numbers without gaps, replay, batches.

use hanok_store::rows::events::NewEvent;
use hanok_store::{Change, Store, StoreError};
use hanok_testkit::{TestDatabase, on_all_databases};
use serde_json::json;

async fn append(store: &Store, project: &str, topic: &str, count: i64) -> i64 {
    let new: Vec<NewEvent> = (0..count)
        .map(|step| NewEvent {
            kind: "metrics".to_owned(),
            data: json!({ "step": step }),
        })
        .collect();
    store
        .write(async |tx| tx.events().append(project, topic, &new).await)
        .await
        .expect("appends")
}

async fn numbers(store: &Store, project: &str, topic: &str, after: i64) -> Vec<i64> {
    store
        .read(async |tx| tx.events().after(project, topic, after, 10_000).await)
        .await
        .expect("reads")
        .into_iter()
        .map(|event| event.seq)
        .collect()
}

#[tokio::test]
async fn f05_a_topic_is_numbered_from_one_and_replayed_after_any_number() {
    on_all_databases(async |db| {
        let store = db.open().await;
        let (_, project) = TestDatabase::account(&store, "ann").await;
        let mut changes = store.subscribe();
        assert_eq!(append(&store, &project.id, "run_1", 3).await, 3);
        assert_eq!(append(&store, &project.id, "run_2", 1).await, 1);
        assert_eq!(append(&store, &project.id, "run_1", 2).await, 5);
        assert_eq!(append(&store, &project.id, "run_1", 0).await, 5);
        assert_eq!(
            numbers(&store, &project.id, "run_1", 0).await,
            [1, 2, 3, 4, 5]
        );
        assert_eq!(numbers(&store, &project.id, "run_1", 3).await, [4, 5]);
        assert_eq!(
            numbers(&store, &project.id, "run_1", 5).await,
            Vec::<i64>::new()
        );
        let told = Change {
            project: project.id.clone(),
            topic: "run_1".to_owned(),
        };
        assert_eq!(changes.try_recv().ok(), Some(told));
    })
    .await;
}

#[tokio::test]
async fn two_projects_may_use_one_topic() {
    on_all_databases(async |db| {
        let store = db.open().await;
        let (_, ann) = TestDatabase::account(&store, "ann").await;
        let (_, bob) = TestDatabase::account(&store, "bob").await;
        assert_eq!(append(&store, &ann.id, "runs", 2).await, 2);
        assert_eq!(append(&store, &bob.id, "runs", 1).await, 1);
        assert_eq!(numbers(&store, &ann.id, "runs", 0).await, [1, 2]);
    })
    .await;
}

#[tokio::test]
async fn many_writers_of_one_topic_leave_no_gap_and_no_double() {
    on_all_databases(async |db| {
        let store = db.open().await;
        let (_, project) = TestDatabase::account(&store, "ann").await;
        let tasks: Vec<_> = (0..8)
            .map(|_| {
                let (store, project) = (store.clone(), project.id.clone());
                tokio::spawn(async move {
                    for _ in 0..5 {
                        append(&store, &project, "run_1", 2).await;
                    }
                })
            })
            .collect();
        for task in tasks {
            task.await.expect("no panic");
        }
        let expected: Vec<i64> = (1..=80).collect();
        assert_eq!(numbers(&store, &project.id, "run_1", 0).await, expected);
    })
    .await;
}

#[tokio::test]
async fn a_large_batch_goes_in_whole_or_not_at_all() {
    on_all_databases(async |db| {
        let store = db.open().await;
        let (_, project) = TestDatabase::account(&store, "ann").await;
        assert_eq!(append(&store, &project.id, "run_1", 2500).await, 2500);
        let outcome = store
            .write(async |tx| {
                let new = NewEvent {
                    kind: "log".to_owned(),
                    data: json!(null),
                };
                let batch = vec![new; 2500];
                tx.events().append(&project.id, "run_1", &batch).await?;
                Err::<(), _>(StoreError::Conflict("on purpose".to_owned()))
            })
            .await;
        assert!(outcome.is_err());
        assert_eq!(
            numbers(&store, &project.id, "run_1", 2498).await,
            [2499, 2500]
        );
    })
    .await;
}
