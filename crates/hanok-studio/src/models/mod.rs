//! Models: the starter model and what runs made; which of them can be called.

use hanok_domain::fault::Fault;
use hanok_domain::state::DeploymentState;
use hanok_protocol::job::{ModelRef, ObjectName};
use hanok_store::Tx;
use hanok_store::rows::models::Model;
use serde::{Deserialize, Serialize};

use crate::access::Caller;
use crate::studio::Studio;
use crate::time::{rfc3339, seconds};
use crate::{Listed, PageRequest};

/// The encoder that ships inside the program.
pub const STARTER_ENCODER: &str = "hanok-encoder";

/// What a classifier consists of, as its row holds it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ModelManifest {
    /// The head.
    pub head: ObjectName,
    /// Classes in the order of the head's rows.
    pub labels: Vec<String>,
}

/// A model as surfaces show it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ModelView {
    /// `model_…`.
    pub id: String,
    /// Always `model`.
    pub object: String,
    /// The name to call it by.
    pub name: String,
    /// `classifier`.
    pub kind: String,
    /// What was tuned.
    pub base_model: String,
    /// Classes.
    pub labels: Vec<String>,
    /// Size of what was trained, bytes.
    pub bytes: u64,
    /// The run that it came of.
    pub run_id: Option<String>,
    /// RFC 3339.
    pub created_at: String,
}

/// A model that answers requests.
#[derive(Debug, Clone)]
pub struct CallableModel {
    /// The name to call it by.
    pub name: String,
    /// Whose it is.
    pub project: String,
    /// Unix seconds.
    pub created_at: i64,
}

impl Studio {
    /// The project's models, newest first.
    pub async fn models(
        &self,
        caller: &Caller,
        page: PageRequest,
    ) -> Result<Listed<ModelView>, Fault> {
        let (project, rows) = (&caller.project_id, &page.rows());
        let found: Vec<Model> = self
            .store()
            .read(|tx| async move { tx.models().list(project, rows).await })
            .await?;
        Ok(page.listed(found, |model| &model.id, view))
    }

    /// One model, by id or name.
    pub async fn model(&self, caller: &Caller, id: &str) -> Result<ModelView, Fault> {
        let project = &caller.project_id;
        let model = self
            .store()
            .read(|tx| async move { find_model(&tx, project, id).await })
            .await?;
        Ok(view(model))
    }

    /// The models that answer requests, newest deployment first.
    pub async fn callable_models(&self, caller: &Caller) -> Result<Vec<CallableModel>, Fault> {
        let project = &caller.project_id;
        self.store()
            .read(|tx| async move {
                let mut found: Vec<CallableModel> = Vec::new();
                let page = PageRequest::first(100).rows();
                for deployment in tx.deployments().list(project, &page).await? {
                    if deployment.state != DeploymentState::Ready {
                        continue;
                    }
                    let Some(model) = tx.models().get(project, &deployment.model_id).await? else {
                        continue;
                    };
                    if found.iter().all(|m| m.name != model.name) {
                        found.push(CallableModel {
                            name: model.name,
                            project: project.clone(),
                            created_at: seconds(model.created_at),
                        });
                    }
                }
                Ok(found)
            })
            .await
    }
}

/// A model by id or name.
pub(crate) async fn find_model(tx: &Tx, project: &str, id: &str) -> Result<Model, Fault> {
    if let Some(model) = tx.models().get(project, id).await? {
        return Ok(model);
    }
    let named = tx.models().by_name(project, id).await?;
    named.ok_or_else(|| Fault::not_found("model", id).field("model"))
}

/// The model as a worker needs it.
pub(crate) fn model_ref(model: &Model) -> Result<ModelRef, Fault> {
    Ok(ModelRef {
        id: model.id.clone(),
        base_model: model.base_model.clone(),
        head: Some(manifest_of(model)?.head),
    })
}

fn manifest_of(model: &Model) -> Result<ModelManifest, Fault> {
    serde_json::from_value(model.manifest.clone())
        .map_err(|e| Fault::internal(format!("the manifest of {} is damaged: {e}", model.id)))
}

fn view(model: Model) -> ModelView {
    let manifest = manifest_of(&model).ok();
    ModelView {
        bytes: manifest.as_ref().map_or(0, |m| m.head.size),
        labels: manifest.map(|m| m.labels).unwrap_or_default(),
        id: model.id,
        object: "model".to_owned(),
        name: model.name,
        kind: model.kind,
        base_model: model.base_model,
        run_id: model.run_id,
        created_at: rfc3339(model.created_at),
    }
}
