//! The end of an import: a version, or the reason why there is none.

use hanok_domain::fault::Fault;
use hanok_domain::state::DatasetState;
use hanok_protocol::job::ImportResult;
use hanok_store::Tx;
use hanok_store::rows::datasets::{DatasetChange, NewVersion};
use serde_json::json;

use crate::row_error;
use crate::workers::note;

/// Turns a finished import into rows.
pub(crate) async fn finished(
    tx: &Tx,
    project: &str,
    dataset: &str,
    result: &ImportResult,
) -> Result<(), Fault> {
    for chunk in &result.manifest.chunks {
        let size = i64::try_from(chunk.object.size).unwrap_or(i64::MAX);
        tx.objects().put(project, &chunk.object.hash, size).await?;
    }
    let manifest = serde_json::to_value(&result.manifest)
        .map_err(|e| Fault::internal(format!("a manifest cannot be written: {e}")))?;
    let new = NewVersion {
        project_id: project.to_owned(),
        dataset_id: dataset.to_owned(),
        manifest,
        statistics: result.statistics.clone(),
        rows: i64::try_from(result.manifest.rows).unwrap_or(i64::MAX),
    };
    tx.datasets().add_version(&new).await?;
    let change = DatasetChange {
        kind: Some(result.manifest.kind.clone()),
        state: Some(DatasetState::Ready),
        ..DatasetChange::default()
    };
    tx.datasets().update(project, dataset, &change).await?;
    let content = json!({ "state": "ready", "rows": result.manifest.rows });
    note(tx, project, dataset, "state", content).await
}

/// Notes why an import failed for good.
pub(crate) async fn failed(
    tx: &Tx,
    project: &str,
    dataset: &str,
    fault: &Fault,
) -> Result<(), Fault> {
    let change = DatasetChange {
        state: Some(DatasetState::Failed),
        error: Some(row_error::to_row(fault)),
        ..DatasetChange::default()
    };
    tx.datasets().update(project, dataset, &change).await?;
    let content = json!({ "state": "failed", "error": fault });
    note(tx, project, dataset, "state", content).await
}
