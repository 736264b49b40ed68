//! The end of a model's import: what its files are, or the reason why they cannot be used.

use hanok_domain::fault::Fault;
use hanok_domain::state::ModelState;
use hanok_protocol::model::ModelFacts;
use hanok_store::Tx;
use hanok_store::rows::models::ModelChange;
use serde_json::json;

use super::ModelManifest;
use crate::row_error;
use crate::workers::note;

/// Turns a finished look into the row's facts.
pub(crate) async fn finished(
    tx: &Tx,
    project: &str,
    model: &str,
    facts: &ModelFacts,
) -> Result<(), Fault> {
    let signed = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    let manifest = ModelManifest {
        head: None,
        labels: facts.labels.clone(),
        has_chat_template: facts.has_chat_template,
        hidden_size: Some(facts.hidden_size),
        layers: Some(facts.layers),
        vocab_size: Some(facts.vocab_size),
    };
    let change = ModelChange {
        state: Some(ModelState::Ready),
        kind: Some(facts.kind.as_str().to_owned()),
        architecture: Some(facts.architecture.clone()),
        parameters: Some(signed(facts.parameters)),
        context_length: Some(signed(facts.context_length)),
        manifest: Some(
            serde_json::to_value(manifest)
                .map_err(|e| Fault::internal(format!("a manifest cannot be written: {e}")))?,
        ),
        ..ModelChange::default()
    };
    tx.models().update(project, model, &change).await?;
    let content = json!({ "state": "ready", "kind": facts.kind, "parameters": facts.parameters });
    note(tx, project, model, "state", content).await
}

/// Notes why a model cannot be used.
pub(crate) async fn failed(
    tx: &Tx,
    project: &str,
    model: &str,
    fault: &Fault,
) -> Result<(), Fault> {
    let change = ModelChange {
        state: Some(ModelState::Failed),
        error: Some(row_error::to_row(fault)),
        ..ModelChange::default()
    };
    tx.models().update(project, model, &change).await?;
    let content = json!({ "state": "failed", "error": fault });
    note(tx, project, model, "state", content).await
}
