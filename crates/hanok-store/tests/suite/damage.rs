//! Rows that a newer version wrote, or that are damaged: lists still work.

use hanok_domain::state::{DatasetState, RunState};
use hanok_store::rows::datasets::DatasetChange;
use hanok_store::rows::runs::RunChange;
use hanok_store::{Page, StoreError};
use hanok_testkit::{TestDatabase, on_all_databases};
use serde_json::Value;

use crate::support;

#[tokio::test]
async fn f31_an_unknown_state_is_shown_as_it_is_and_cannot_be_left() {
    on_all_databases(async |db| {
        let store = db.open().await;
        let (_, project) = TestDatabase::account(&store, "ann").await;
        let odd = support::dataset(&store, &project.id, "odd").await;
        let fine = support::dataset(&store, &project.id, "fine").await;
        db.execute(&format!(
            "UPDATE datasets SET state = 'hibernating' WHERE id = '{}'",
            odd.id
        ))
        .await;
        let rows = store
            .read(async |tx| tx.datasets().list(&project.id, &Page::first(9)).await)
            .await
            .expect("lists");
        let states: Vec<_> = rows.iter().map(|row| row.state.as_str()).collect();
        assert_eq!(states, ["importing", "hibernating"]);
        let ready = DatasetChange {
            state: Some(DatasetState::Ready),
            ..Default::default()
        };
        let refused = store
            .write(async |tx| tx.datasets().update(&project.id, &odd.id, &ready).await)
            .await;
        assert!(
            matches!(refused, Err(StoreError::Move { .. })),
            "{refused:?}"
        );
        store
            .write(async |tx| tx.datasets().update(&project.id, &fine.id, &ready).await)
            .await
            .expect("the other one moves");
    })
    .await;
}

#[tokio::test]
async fn f31_damaged_json_reads_as_null_and_the_rest_of_the_row_is_kept() {
    on_all_databases(async |db| {
        let store = db.open().await;
        let (_, project) = TestDatabase::account(&store, "ann").await;
        let run = store
            .write(async |tx| support::run(&tx, &project.id, "one").await)
            .await
            .expect("adds");
        db.execute("UPDATE runs SET params = '{\"epochs\": ', metrics = 'x'")
            .await;
        db.execute("UPDATE dataset_versions SET manifest = '\u{1}'")
            .await;
        let (rows, version) = store
            .read(async |tx| {
                let rows = tx.runs().list(&project.id, &Page::first(9)).await?;
                let version = run.dataset_version_id.as_str();
                let version = tx.datasets().version(&project.id, version).await?;
                Ok::<_, StoreError>((rows, version))
            })
            .await
            .expect("reads");
        assert_eq!(rows.len(), 1);
        assert_eq!(rows[0].name, "one");
        assert_eq!(rows[0].params, Value::Null);
        assert_eq!(rows[0].metrics, Some(Value::Null));
        assert_eq!(version.map(|version| version.manifest), Some(Value::Null));
    })
    .await;
}

#[tokio::test]
async fn states_move_only_as_allowed_and_set_their_times() {
    on_all_databases(async |db| {
        let store = db.open().await;
        let (_, project) = TestDatabase::account(&store, "ann").await;
        let run = store
            .write(async |tx| support::run(&tx, &project.id, "one").await)
            .await
            .expect("adds");
        let to = async |state: RunState| {
            let change = RunChange {
                state: Some(state),
                ..Default::default()
            };
            store
                .write(async |tx| tx.runs().update(&project.id, &run.id, &change).await)
                .await
        };
        assert!(matches!(
            to(RunState::Succeeded).await,
            Err(StoreError::Move { .. })
        ));
        let running = to(RunState::Running).await.expect("starts");
        assert!(running.started_at.is_some() && running.finished_at.is_none());
        let queued = to(RunState::Queued).await.expect("loses its worker");
        let again = to(RunState::Running).await.expect("starts again");
        assert_eq!(again.started_at, queued.started_at);
        let done = to(RunState::Succeeded).await.expect("ends");
        assert!(done.finished_at >= done.started_at);
        assert!(to(RunState::Running).await.is_err());
    })
    .await;
}
