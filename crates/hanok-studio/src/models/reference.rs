//! A row as a worker needs it: the files of its base, and what was tuned on them.

use hanok_domain::fault::Fault;
use hanok_protocol::model::{ModelFile, ModelKind, ModelRef};
use hanok_store::Tx;
use hanok_store::rows::models::Model;

use super::manifest_of;

/// The model with everything that a worker loads.
pub(crate) async fn model_ref(tx: &Tx, model: &Model) -> Result<ModelRef, Fault> {
    let manifest = manifest_of(model)?;
    let (files, adapter, head) = match (model.format.as_str(), manifest.head) {
        ("head", head @ Some(_)) => (Vec::new(), Vec::new(), head),
        ("head", None) => {
            return Err(Fault::internal(format!("{} has no head", model.id)));
        }
        ("peft", _) => (base_files(tx, model).await?, files_of(model)?, None),
        _ => (files_of(model)?, Vec::new(), None),
    };
    Ok(ModelRef {
        id: model.id.clone(),
        kind: kind_of(model)?,
        base_model: if model.base_model.is_empty() {
            model.name.clone()
        } else {
            model.base_model.clone()
        },
        files,
        adapter,
        head,
    })
}

/// The files under an adapter; none where the base is a starter model.
async fn base_files(tx: &Tx, model: &Model) -> Result<Vec<ModelFile>, Fault> {
    let Some(base) = &model.base else {
        return Ok(Vec::new());
    };
    let row = tx.models().get(&model.project_id, base).await?;
    let row = row.ok_or_else(|| {
        Fault::conflict(
            "base_model_missing",
            format!(
                "The model '{}', which '{}' was tuned from, is gone.",
                model.base_model, model.name
            ),
        )
        .field("model")
        .remedy("Import the base model again and tune it again.")
    })?;
    files_of(&row)
}

/// A row's files.
pub(crate) fn files_of(model: &Model) -> Result<Vec<ModelFile>, Fault> {
    serde_json::from_value(model.files.clone())
        .map_err(|e| Fault::internal(format!("the files of {} are damaged: {e}", model.id)))
}

/// What a row's model does.
pub(super) fn kind_of(model: &Model) -> Result<ModelKind, Fault> {
    ModelKind::parse(&model.kind).ok_or_else(|| {
        Fault::conflict(
            "model_not_ready",
            format!("The model '{}' is {}.", model.name, model.state),
        )
        .field("model")
        .remedy("Wait for its import to end, or import its files again.")
    })
}
