//! What is particular to single aggregates.

use std::time::Duration;

use hanok_store::rows::models::NewModel;
use hanok_store::rows::usage::{BEING_SERVED, NewUsage};
use hanok_store::rows::workers::NewWorker;
use hanok_store::{Page, StoreError};
use hanok_testkit::{TestDatabase, on_all_databases};
use serde_json::json;

use crate::support;

#[tokio::test]
async fn versions_count_up_within_their_data_set() {
    on_all_databases(async |db| {
        let store = db.open().await;
        let (_, project) = TestDatabase::account(&store, "ann").await;
        let numbers = store
            .write(async |tx| {
                let first = support::version(&tx, &project.id, "one").await?;
                support::version(&tx, &project.id, "other").await?;
                let again = hanok_store::rows::datasets::NewVersion {
                    project_id: project.id.clone(),
                    dataset_id: first.dataset_id.clone(),
                    manifest: json!({"chunks": [1]}),
                    statistics: json!({}),
                    rows: 3,
                };
                tx.datasets().add_version(&again).await?;
                tx.datasets().versions(&project.id, &first.dataset_id).await
            })
            .await
            .expect("adds");
        let numbers: Vec<i64> = numbers.iter().map(|version| version.number).collect();
        assert_eq!(numbers, [2, 1]);
    })
    .await;
}

#[tokio::test]
async fn a_models_name_is_taken_within_its_project_only() {
    on_all_databases(async |db| {
        let store = db.open().await;
        let (_, ann) = TestDatabase::account(&store, "ann").await;
        let (_, bob) = TestDatabase::account(&store, "bob").await;
        let add = async |project: &str| {
            let new = NewModel {
                project_id: project.to_owned(),
                name: "ft:x".to_owned(),
                kind: "classifier".to_owned(),
                base_model: "hanok-encoder".to_owned(),
                run_id: None,
                manifest: json!({}),
                ..NewModel::default()
            };
            store.write(async |tx| tx.models().insert(&new).await).await
        };
        add(&ann.id).await.expect("free");
        add(&bob.id).await.expect("free in the other project");
        assert!(matches!(add(&ann.id).await, Err(StoreError::Conflict(_))));
        assert!(matches!(
            add("proj_absent").await,
            Err(StoreError::Conflict(_))
        ));
    })
    .await;
}

#[tokio::test]
async fn a_worker_that_registers_again_is_the_same_worker() {
    on_all_databases(async |db| {
        let store = db.open().await;
        let mut new = NewWorker {
            id: None,
            kind: "jobs".to_owned(),
            address: "unix:/a".to_owned(),
            pid: 1,
            version: "0.1.0".to_owned(),
            state: "idle".to_owned(),
            threads: 2,
            memory: 1 << 30,
        };
        let register = async |new: &NewWorker| {
            let registered = store.write(async |tx| tx.workers().register(new).await);
            registered.await.expect("registers")
        };
        let first = register(&new).await;
        new.id = Some(first.id.clone());
        new.address = "unix:/b".to_owned();
        let second = register(&new).await;
        assert_eq!(second.id, first.id);
        let (all, removed, silent) = store
            .write(async |tx| {
                tx.workers().heartbeat(&first.id, "busy").await?;
                let all = tx.workers().list().await?;
                let removed = tx.workers().remove(&first.id).await?;
                let silent = tx.workers().heartbeat(&first.id, "busy").await.is_err();
                Ok::<_, StoreError>((all, removed, silent))
            })
            .await
            .expect("runs");
        assert_eq!(all.len(), 1);
        assert_eq!(
            (all[0].state.as_str(), all[0].address.as_str()),
            ("busy", "unix:/b")
        );
        assert!(removed && silent);
    })
    .await;
}

#[tokio::test]
async fn an_object_may_be_noted_twice() {
    on_all_databases(async |db| {
        let store = db.open().await;
        let (_, project) = TestDatabase::account(&store, "ann").await;
        let rows = store
            .write(async |tx| {
                tx.objects().put(&project.id, "abc", 3).await?;
                tx.objects().put(&project.id, "abc", 3).await?;
                tx.objects().put(&project.id, "def", 4).await?;
                assert!(tx.objects().delete(&project.id, "abc").await?);
                tx.objects().list(&project.id, "", 10).await
            })
            .await
            .expect("adds");
        let rows: Vec<_> = rows
            .iter()
            .map(|row| (row.hash.as_str(), row.size))
            .collect();
        assert_eq!(rows, [("def", 4)]);
    })
    .await;
}

#[tokio::test]
async fn tokens_are_counted_by_key_project_and_time() {
    on_all_databases(async |db| {
        let store = db.open().await;
        let (_, mine) = TestDatabase::account(&store, "ann").await;
        let (_, theirs) = TestDatabase::account(&store, "bob").await;
        let rows = [
            (&mine.id, Some("key_a")),
            (&mine.id, Some("key_a")),
            (&mine.id, Some("key_b")),
            (&mine.id, None),
            (&theirs.id, Some("key_a")),
        ]
        .map(|(project, key)| NewUsage {
            key_id: key.map(str::to_owned),
            ..support::used(project)
        });
        let sums = store
            .write(async |tx| {
                for row in &rows {
                    tx.usage().insert(row).await?;
                }
                let usage = tx.usage();
                let now = tx.now().await?;
                Ok::<_, StoreError>([
                    usage.tokens_of_key(&mine.id, "key_a", 0).await?,
                    usage.tokens_of_key(&mine.id, "key_b", 0).await?,
                    usage.tokens_of_key(&mine.id, "key_c", 0).await?,
                    usage.tokens_of_key(&mine.id, "key_a", now + 1).await?,
                ])
            })
            .await;
        assert_eq!(sums.expect("counts"), [12, 6, 0, 0]);
    })
    .await;
}

#[tokio::test]
async fn f06_what_was_being_served_for_too_long_is_over() {
    on_all_databases(async |db| {
        let store = db.open().await;
        let (_, project) = TestDatabase::account(&store, "ann").await;
        let mut row = support::used(&project.id);
        row.status = BEING_SERVED;
        let (cut, over) = store
            .write(async |tx| {
                let cut = tx.usage().insert(&row).await?;
                Ok::<_, StoreError>((cut, tx.usage().insert(&row).await?))
            })
            .await
            .expect("adds");
        row.status = 200;
        row.completion_tokens = 9;
        let hour = Duration::from_secs(3600);
        let ended = store
            .write(async |tx| {
                tx.usage().advance(&over, &row).await?;
                let young = tx.usage().end_abandoned(hour, 499).await?;
                let all = tx.usage().end_abandoned(Duration::ZERO, 499).await?;
                // It was over before: whoever served it may have been slow to die.
                tx.usage().advance(&cut, &row).await?;
                Ok::<_, StoreError>((young, all))
            })
            .await;
        assert_eq!(ended.expect("ends"), (0, 1));
        let rows = store
            .read(async |tx| tx.usage().list(&project.id, &Page::first(9)).await)
            .await
            .expect("reads");
        let mut states: Vec<(i64, i64)> = rows
            .iter()
            .map(|row| (row.served.status, row.served.completion_tokens))
            .collect();
        states.sort_unstable();
        assert_eq!(states, [(200, 9), (499, 1)]);
    })
    .await;
}
