//! A model goes into the bin, unless something needs it.

use hanok_domain::fault::Fault;
use hanok_domain::state::{DeploymentState, ModelState};
use hanok_store::Tx;
use hanok_store::rows::models::Model;
use serde_json::json;

use super::find_model;
use crate::access::Caller;
use crate::audit::{Deed, record};
use crate::studio::Studio;

impl Studio {
    /// Puts a model into the bin; tells its id and name.
    ///
    /// # Errors
    /// 409 for one that is imported, deployed, being tuned, or the base of an adapter.
    pub async fn delete_model(&self, caller: &Caller, id: &str) -> Result<(String, String), Fault> {
        let project = &caller.project_id;
        if self.starter(id).is_some() {
            let text = format!("'{id}' ships with Hanok.");
            return Err(Fault::conflict("model_in_use", text).field("model"));
        }
        self.store()
            .write(|tx| async move {
                let model = find_model(&tx, project, id).await?;
                if let Some(user) = user_of(&tx, &model).await? {
                    let text = format!("The model '{}' is in use: {user}.", model.name);
                    return Err(Fault::conflict("model_in_use", text).field("model"));
                }
                tx.models().delete(project, &model.id).await?;
                tx.notify(project, &model.id);
                let deed = Deed::done("model.delete", "model", &model.id)
                    .detail(json!({ "name": model.name }));
                record(&tx, caller, deed).await?;
                Ok((model.id, model.name))
            })
            .await
    }
}

/// What needs the model, in words that say what to end first.
async fn user_of(tx: &Tx, model: &Model) -> Result<Option<String>, Fault> {
    let project = model.project_id.as_str();
    if model.state == ModelState::Importing {
        return Ok(Some("its import has not ended".to_owned()));
    }
    let deployments = tx.deployments().of_model(project, &model.id).await?;
    let alive = [DeploymentState::Pending, DeploymentState::Ready];
    if let Some(deployment) = deployments.iter().find(|d| alive.contains(&d.state)) {
        return Ok(Some(format!("deployment {} serves it", deployment.id)));
    }
    let tuned = tx.models().tuned_from(project, &model.id).await?;
    if let Some(tuned) = tuned.iter().find(|tuned| tuned.format == "peft") {
        return Ok(Some(format!("'{}' is an adapter on it", tuned.name)));
    }
    if let Some(run) = tx.runs().tuning(project, &model.name).await?.first() {
        return Ok(Some(format!("run {} tunes it", run.id)));
    }
    let waiting = tx.fine_tunes().validating(project).await?;
    let waiting = waiting.iter().find(|job| job.model == model.name);
    Ok(waiting.map(|job| format!("fine-tuning job {} is about to tune it", job.id)))
}
