//! Rows for tests. Holds no assertions.

use hanok_store::rows::datasets::{Dataset, DatasetVersion, NewDataset, NewVersion};
use hanok_store::rows::runs::{NewRun, Run};
use hanok_store::rows::usage::NewUsage;
use hanok_store::{Store, StoreError, Tx};
use serde_json::json;

pub fn new_dataset(project: &str, name: &str) -> NewDataset {
    NewDataset {
        project_id: project.to_owned(),
        name: name.to_owned(),
        kind: "unknown".to_owned(),
        source_name: "rows.csv".to_owned(),
        source_bytes: 12,
        created_by: "user_x".to_owned(),
    }
}

pub async fn dataset(store: &Store, project: &str, name: &str) -> Dataset {
    let new = new_dataset(project, name);
    let added = store
        .write(async |tx| tx.datasets().insert(&new).await)
        .await;
    added.expect("a data set is added")
}

pub async fn version(tx: &Tx, project: &str, name: &str) -> Result<DatasetVersion, StoreError> {
    let dataset = tx.datasets().insert(&new_dataset(project, name)).await?;
    let new = NewVersion {
        project_id: project.to_owned(),
        dataset_id: dataset.id,
        manifest: json!({"chunks": []}),
        statistics: json!({"labels": 2}),
        rows: 10,
    };
    tx.datasets().add_version(&new).await
}

pub async fn run(tx: &Tx, project: &str, name: &str) -> Result<Run, StoreError> {
    let version = version(tx, project, name).await?;
    let new = NewRun {
        project_id: project.to_owned(),
        name: name.to_owned(),
        method: "head".to_owned(),
        base_model: "hanok-encoder".to_owned(),
        dataset_version_id: version.id,
        params: json!({"epochs": 3}),
        created_by: "user_x".to_owned(),
    };
    tx.runs().insert(&new).await
}

/// A short request of a project.
pub fn used(project: &str) -> NewUsage {
    NewUsage {
        project_id: project.to_owned(),
        user_id: "user_x".to_owned(),
        key_id: None,
        model: "ft:x".to_owned(),
        route: "/v1/chat/completions".to_owned(),
        prompt_tokens: 5,
        completion_tokens: 1,
        cost_micros: 0,
        latency_us: 900,
        status: 200,
        request_id: "req_1".to_owned(),
    }
}
