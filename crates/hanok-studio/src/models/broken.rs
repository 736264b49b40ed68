//! Models that were whole when they came and cannot be loaded any more: what they consist of rotted or was
//! lost. They are called no more until someone has brought their files back.

use hanok_domain::fault::Fault;
use hanok_domain::state::{DeploymentState, ModelState};
use hanok_store::Tx;
use hanok_store::rows::models::{Model, ModelChange};
use serde_json::json;

use crate::row_error;
use crate::studio::Studio;
use crate::workers::note;

/// Codes that say of a model's files that they cannot be used, whatever was asked of the model.
const DAMAGE: [&str; 2] = ["invalid_model", "missing_file"];

impl Studio {
    /// Remembers what a host found out about a model's files, if that is what its answer is about.
    pub(crate) async fn note_damage(&self, project: &str, model: &str, fault: &Fault) {
        if !DAMAGE.contains(&fault.code.as_ref()) {
            return;
        }
        let done = self
            .store()
            .write(|tx| async move { broken(&tx, project, model, fault).await })
            .await;
        if let Err(error) = done {
            tracing::warn!(model, %error, "a model's damage was not noted");
        }
    }
}

async fn broken(tx: &Tx, project: &str, id: &str, fault: &Fault) -> Result<(), Fault> {
    let model = tx.models().get(project, id).await?;
    if model.is_none_or(|model| model.state != ModelState::Ready) {
        return Ok(());
    }
    let error = row_error::to_row(fault);
    let change = ModelChange {
        state: Some(ModelState::Broken),
        error: Some(error.clone()),
        ..ModelChange::default()
    };
    tx.models().update(project, id, &change).await?;
    for deployment in tx.deployments().of_model(project, id).await? {
        if deployment.state.may_become(&DeploymentState::Failed) {
            tx.deployments()
                .set_state(
                    project,
                    &deployment.id,
                    &DeploymentState::Failed,
                    Some(&error),
                )
                .await?;
            tx.notify(project, &deployment.id);
        }
    }
    let content = json!({ "state": "broken", "error": fault });
    note(tx, project, id, "state", content).await
}

/// A check found the files of a broken model whole again. Its deployments stay as they are: whoever wants
/// them deploys the model anew.
pub(crate) async fn whole_again(tx: &Tx, project: &str, id: &str) -> Result<(), Fault> {
    let change = ModelChange {
        state: Some(ModelState::Ready),
        ..ModelChange::default()
    };
    tx.models().update(project, id, &change).await?;
    note(tx, project, id, "state", json!({ "state": "ready" })).await
}

/// Refuses a model that is not ready, on the field that named it.
pub(crate) fn must_be_ready(model: &Model, field: &'static str) -> Result<(), Fault> {
    if model.state == ModelState::Ready {
        return Ok(());
    }
    let (name, state) = (&model.name, &model.state);
    let why = model.error.as_ref().map(|error| error.message.as_str());
    if *state == ModelState::Broken {
        let text = why.unwrap_or("Its files cannot be used.");
        let text = format!("The model '{name}' is broken. {text}");
        return Err(Fault::invalid("invalid_model", text).field(field).remedy(
            "Restore its files from a backup and run 'hanok fsck --repair', or import them again.",
        ));
    }
    let text = format!("The model '{name}' is {state}.");
    Err(Fault::conflict("model_not_ready", text)
        .field(field)
        .remedy("Wait for its import to end, or import its files again."))
}
