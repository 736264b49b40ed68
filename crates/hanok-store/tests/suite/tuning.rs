//! Files, models in their states, fine-tuning jobs.

use hanok_domain::state::{FineTuneState, ModelState};
use hanok_store::rows::files::NewFile;
use hanok_store::rows::fine_tunes::{FineTuneEnd, NewFineTune};
use hanok_store::rows::models::{ModelChange, NewModel};
use hanok_store::{Page, RowError, StoreError};
use hanok_testkit::{TestDatabase, on_all_databases};
use serde_json::json;

use crate::support;

fn file(project: &str, name: &str, purpose: &str) -> NewFile {
    NewFile {
        project_id: project.to_owned(),
        name: name.to_owned(),
        purpose: purpose.to_owned(),
        bytes: 3,
        hash: "abc".to_owned(),
        created_by: "user_x".to_owned(),
    }
}

#[tokio::test]
async fn files_are_listed_by_purpose_in_either_order() {
    on_all_databases(async |db| {
        let store = db.open().await;
        let (_, project) = TestDatabase::account(&store, "ann").await;
        let (newest, oldest, tuned) = store
            .write(async |tx| {
                for (name, purpose) in [("a", "model"), ("b", "fine-tune"), ("c", "model")] {
                    tx.files().insert(&file(&project.id, name, purpose)).await?;
                }
                let mut page = Page::first(2);
                let newest = tx.files().list(&project.id, None, &page).await?;
                page.ascending = true;
                let oldest = tx.files().list(&project.id, Some("model"), &page).await?;
                tx.files().delete(&project.id, &newest[1].id).await?;
                let tuned = tx.files().get(&project.id, &newest[1].id).await?;
                Ok::<_, StoreError>((newest, oldest, tuned))
            })
            .await
            .expect("runs");
        let names = |files: &[hanok_store::rows::files::File]| {
            files.iter().map(|f| f.name.clone()).collect::<Vec<_>>()
        };
        assert_eq!(names(&newest), ["c", "b"]);
        assert_eq!(names(&oldest), ["a", "c"]);
        assert_eq!(tuned, None);
        assert!(newest[0].id.starts_with("file-"));
    })
    .await;
}

#[tokio::test]
async fn a_model_moves_from_importing_once() {
    on_all_databases(async |db| {
        let store = db.open().await;
        let (_, project) = TestDatabase::account(&store, "ann").await;
        let new = NewModel {
            project_id: project.id.clone(),
            name: "tiny".to_owned(),
            state: ModelState::Importing,
            format: "hf".to_owned(),
            files: json!([{ "path": "config.json", "hash": "abc", "size": 3 }]),
            ..NewModel::default()
        };
        let model = store
            .write(async |tx| tx.models().insert(&new).await)
            .await
            .expect("adds");
        let ready = ModelChange {
            state: Some(ModelState::Ready),
            kind: Some("decoder".to_owned()),
            parameters: Some(7),
            ..ModelChange::default()
        };
        let update = async || {
            store
                .write(async |tx| tx.models().update(&project.id, &model.id, &ready).await)
                .await
        };
        let now = update().await.expect("moves");
        assert_eq!(
            (now.state, now.kind.as_str(), now.parameters),
            (ModelState::Ready, "decoder", Some(7))
        );
        assert_eq!(now.files, new.files);
        assert!(matches!(update().await, Err(StoreError::Move { .. })));
        store
            .write(async |tx| tx.models().delete(&project.id, &model.id).await)
            .await
            .expect("deletes");
        store
            .write(async |tx| tx.models().insert(&new).await)
            .await
            .expect("the name is free");
    })
    .await;
}

#[tokio::test]
async fn a_row_of_the_first_schema_is_a_head_that_is_ready() {
    on_all_databases(async |db| {
        let store = db.open().await;
        let (_, project) = TestDatabase::account(&store, "ann").await;
        let sql = format!(
            "INSERT INTO models (id, project_id, name, kind, base_model, manifest, created_at) \
             VALUES ('model_old', '{}', 'ft:old', 'classifier', 'hanok-encoder', '{{}}', 1)",
            project.id
        );
        db.execute(&sql).await;
        let old = store
            .read(async |tx| tx.models().by_name(&project.id, "ft:old").await)
            .await
            .expect("reads")
            .expect("is there");
        assert_eq!(
            (old.state, old.format.as_str()),
            (ModelState::Ready, "head")
        );
        assert_eq!(old.files, json!([]));
    })
    .await;
}

#[tokio::test]
async fn a_fine_tune_waits_for_both_its_data_sets_and_ends_once() {
    on_all_databases(async |db| {
        let store = db.open().await;
        let (_, project) = TestDatabase::account(&store, "ann").await;
        let training = support::dataset(&store, &project.id, "t").await;
        let validation = support::dataset(&store, &project.id, "v").await;
        let new = NewFineTune {
            project_id: project.id.clone(),
            model: "tiny".to_owned(),
            training_file: "file-a".to_owned(),
            validation_file: Some("file-b".to_owned()),
            dataset_id: training.id.clone(),
            validation_dataset_id: Some(validation.id.clone()),
            request: json!({ "method": "lora" }),
            created_by: "user_x".to_owned(),
        };
        let job = store
            .write(async |tx| tx.fine_tunes().insert(&new).await)
            .await
            .expect("adds");
        assert!(job.id.starts_with("ftjob-"));
        for dataset in [&training.id, &validation.id] {
            let waiting = store
                .read(async |tx| tx.fine_tunes().waiting_for(&project.id, dataset).await)
                .await;
            assert_eq!(waiting.expect("reads"), std::slice::from_ref(&job));
        }
        let failed = FineTuneEnd::Failed(RowError {
            code: "malformed_jsonl".to_owned(),
            message: "row 7".to_owned(),
        });
        let end = async || {
            store
                .write(async |tx| tx.fine_tunes().end(&project.id, &job.id, &failed).await)
                .await
        };
        let ended = end().await.expect("ends");
        assert_eq!(ended.state, FineTuneState::Failed);
        assert!(ended.finished_at.is_some() && ended.error.is_some());
        assert!(matches!(end().await, Err(StoreError::Move { .. })));
        let waiting = store
            .read(async |tx| tx.fine_tunes().validating(&project.id).await)
            .await;
        assert_eq!(waiting.expect("reads"), []);
    })
    .await;
}
