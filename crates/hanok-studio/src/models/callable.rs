//! Which models answer requests: starter models and imported ones always, tuned ones once deployed.

use hanok_domain::fault::{Fault, FaultKind};
use hanok_domain::state::{DeploymentState, ModelState};
use hanok_protocol::model::ModelRef;
use hanok_store::Tx;
use hanok_store::rows::models::Model;

use super::{Base, find_model, model_ref, must_be_ready};
use crate::PageRequest;
use crate::access::Caller;
use crate::studio::Studio;
use crate::time::seconds;

/// A model that answers requests.
#[derive(Debug, Clone)]
pub struct CallableModel {
    /// The name to call it by.
    pub name: String,
    /// Whose it is.
    pub project: String,
    /// Unix seconds; 0 for a model that ships.
    pub created_at: i64,
}

impl Studio {
    /// The models that answer requests: deployed ones, newest deployment first, then imported ones, then
    /// those that ship.
    pub async fn callable_models(&self, caller: &Caller) -> Result<Vec<CallableModel>, Fault> {
        let project = &caller.project_id;
        let rows = self
            .store()
            .read(|tx| async move { callable_rows(&tx, project).await })
            .await?;
        let mut found: Vec<CallableModel> = Vec::new();
        for model in rows {
            if found.iter().all(|m| m.name != model.name) {
                found.push(CallableModel {
                    name: model.name,
                    project: project.clone(),
                    created_at: seconds(model.created_at),
                });
            }
        }
        found.extend(self.starters().iter().map(|starter| CallableModel {
            name: starter.name.clone(),
            project: "hanok".to_owned(),
            created_at: 0,
        }));
        found.retain(|model| caller.scopes.permit_model(&model.name, &model.name));
        Ok(found)
    }

    /// The name of a model that answers, and what a worker needs to know of it.
    pub(crate) async fn callable(
        &self,
        caller: &Caller,
        name: &str,
    ) -> Result<(String, ModelRef), Fault> {
        if let Some(starter) = self.starter(name) {
            may_call(caller, name, name)?;
            let base = Base::Starter(starter.clone());
            return Ok((starter.name.clone(), base.reference()));
        }
        let project = &caller.project_id;
        self.store()
            .read(|tx| async move {
                let model = find_model(&tx, project, name).await.map_err(|fault| {
                    if fault.kind == FaultKind::NotFound {
                        not_found(name)
                    } else {
                        fault
                    }
                })?;
                may_call(caller, &model.name, &model.id)?;
                if model.run_id.is_some() && !is_deployed(&tx, &model).await? {
                    return Err(not_deployed(name));
                }
                must_be_ready(&model, "model")?;
                let reference = model_ref(&tx, &model).await?;
                Ok((model.name, reference))
            })
            .await
    }
}

fn may_call(caller: &Caller, name: &str, id: &str) -> Result<(), Fault> {
    if caller.scopes.permit_model(name, id) {
        return Ok(());
    }
    let text = format!("This key may not call the model '{name}'.");
    Err(Fault::new(FaultKind::Forbidden, "scope_denied", text).field("model"))
}

async fn callable_rows(tx: &Tx, project: &str) -> Result<Vec<Model>, Fault> {
    let mut found = Vec::new();
    let page = PageRequest::first(100).rows();
    for deployment in tx.deployments().list(project, &page).await? {
        if is_alive(&deployment.state) {
            found.extend(tx.models().get(project, &deployment.model_id).await?);
        }
    }
    let ready = tx.models().in_state(project, &ModelState::Ready).await?;
    found.extend(ready.into_iter().filter(|model| model.run_id.is_none()));
    Ok(found)
}

async fn is_deployed(tx: &Tx, model: &Model) -> Result<bool, Fault> {
    let deployments = tx
        .deployments()
        .of_model(&model.project_id, &model.id)
        .await?;
    Ok(deployments.iter().any(|d| is_alive(&d.state)))
}

/// One that is pending answers too: the host loads it when it is asked.
fn is_alive(state: &DeploymentState) -> bool {
    matches!(state, DeploymentState::Pending | DeploymentState::Ready)
}

fn not_deployed(name: &str) -> Fault {
    Fault::new(
        FaultKind::NotFound,
        "model_not_deployed",
        format!("The model '{name}' is not deployed."),
    )
    .field("model")
    .remedy("Deploy it on its page, or by POST /api/v1/deployments.")
}

fn not_found(name: &str) -> Fault {
    Fault::new(
        FaultKind::NotFound,
        "model_not_found",
        format!("There is no model '{name}'."),
    )
    .field("model")
    .remedy("GET /v1/models lists those that answer.")
}
