//! A model is deployed: the row first, then a hosting worker loads and verifies it, then it is ready.

use std::time::Duration;

use hanok_domain::fault::{Fault, FaultKind};
use hanok_domain::state::DeploymentState;
use hanok_protocol::inference::{Load, Loaded};
use hanok_store::rows::deployments::{Deployment, NewDeployment};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{DeploymentView, view};
use crate::Once;
use crate::access::Caller;
use crate::audit::{Deed, record};
use crate::models::{find_model, model_ref, must_be_ready};
use crate::once::{earlier, remember};
use crate::row_error;
use crate::studio::Studio;

/// How long a deployment waits for a hosting worker to come up.
const PATIENCE: Duration = Duration::from_secs(20);

/// What a new deployment needs.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Deploy {
    /// Id or name of a tuned model.
    pub model: String,
    /// As people see it; the model's name by default.
    #[serde(default)]
    pub name: Option<String>,
}

impl Studio {
    /// Deploys a model; one that is deployed already stays as it is.
    pub async fn deploy(
        &self,
        caller: &Caller,
        deploy: Deploy,
        once: Option<Once>,
    ) -> Result<DeploymentView, Fault> {
        let (deploy, once) = (&deploy, once.as_ref());
        let made = self
            .store()
            .write(|tx| async move {
                let project = &caller.project_id;
                if let Some(answer) = earlier::<DeploymentView>(&tx, project, once).await? {
                    return Ok(answer);
                }
                let model = find_model(&tx, project, &deploy.model).await?;
                must_be_ready(&model, "model")?;
                let present = tx.deployments().of_model(project, &model.id).await?;
                let present = present.into_iter().find(alive);
                let row = match present {
                    Some(row) => row,
                    None => {
                        let new = NewDeployment {
                            project_id: project.clone(),
                            model_id: model.id,
                            name: deploy.name.clone().unwrap_or(model.name),
                        };
                        let row = tx.deployments().insert(&new).await?;
                        let deed = Deed::done("deployment.create", "deployment", &row.id)
                            .detail(json!({ "name": row.name, "model": row.model_id }));
                        record(&tx, caller, deed).await?;
                        row
                    }
                };
                let answer = view(&tx, row).await?;
                remember(&tx, project, once, &answer).await?;
                Ok::<_, Fault>(answer)
            })
            .await?;
        if made.state == DeploymentState::Pending.as_str() {
            self.load(&caller.project_id, &made.id).await?;
        }
        self.deployment(caller, &made.id).await
    }

    /// Has a hosting worker load a pending deployment, and notes how that went.
    async fn load(&self, project: &str, id: &str) -> Result<(), Fault> {
        let message = self
            .store()
            .read(|tx| async move {
                let row = tx.deployments().get(project, id).await?;
                let row = row.ok_or_else(|| Fault::not_found("deployment", id))?;
                let model = find_model(&tx, project, &row.model_id).await?;
                model_ref(&tx, &model).await
            })
            .await?;
        let message = Load {
            project: self.project_access(project).await?,
            model: message,
        };
        let loaded: Result<Loaded, Fault> = self.hosts().call("/v1/load", &message, PATIENCE).await;
        if let Err(fault) = &loaded {
            self.note_damage(project, &message.model.id, fault).await;
        }
        let (state, error) = match &loaded {
            Ok(_) => (DeploymentState::Ready, None),
            // No worker is there yet: it stays pending, and the next host that registers loads it.
            Err(fault) if fault.kind == FaultKind::Overloaded => return Ok(()),
            Err(fault) => (DeploymentState::Failed, Some(row_error::to_row(fault))),
        };
        let (state, error) = (&state, error.as_ref());
        self.store()
            .write(|tx| async move {
                let row = tx.deployments().get(project, id).await?;
                // Two callers may have loaded it at once, or it was taken away meanwhile.
                if row.is_some_and(|row| row.state == DeploymentState::Pending) {
                    tx.deployments()
                        .set_state(project, id, state, error)
                        .await?;
                    tx.notify(project, id);
                }
                Ok(())
            })
            .await
    }

    /// Loads what is pending, in the background: a host has come.
    pub(crate) fn load_pending(&self) {
        let studio = self.clone();
        tokio::spawn(async move {
            let wanted = studio
                .store()
                .read(|tx| async move { tx.deployments().wanted().await })
                .await;
            let wanted: Vec<Deployment> = match wanted {
                Ok(wanted) => wanted,
                Err(error) => {
                    let error: hanok_store::StoreError = error;
                    tracing::warn!(%error, "could not look for pending deployments");
                    return;
                }
            };
            for row in wanted {
                if row.state != DeploymentState::Pending {
                    continue;
                }
                if let Err(fault) = studio.load(&row.project_id, &row.id).await {
                    tracing::warn!(deployment = row.id, %fault, "could not be loaded");
                }
            }
        });
    }
}

fn alive(row: &Deployment) -> bool {
    matches!(row.state, DeploymentState::Pending | DeploymentState::Ready)
}
