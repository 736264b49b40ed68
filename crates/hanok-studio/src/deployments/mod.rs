//! Deployments: which models answer requests. A deployment is ready once a hosting worker has loaded
//! and verified it; hosts load again by themselves after a restart.

mod deploy;
mod list;

use hanok_domain::fault::Fault;
use hanok_store::Tx;
use hanok_store::rows::deployments::Deployment;
use serde::{Deserialize, Serialize};

use crate::row_error;
use crate::runs::ModelName;
use crate::time::rfc3339;

pub use deploy::Deploy;

/// A deployment as surfaces show it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct DeploymentView {
    /// `dep_…`.
    pub id: String,
    /// Always `deployment`.
    pub object: String,
    /// As people see it.
    pub name: String,
    /// The model that answers.
    pub model: ModelName,
    /// `pending`, `ready`, `failed`, `stopped`.
    pub state: String,
    /// Why it could not be loaded.
    pub error: Option<Fault>,
    /// RFC 3339.
    pub created_at: String,
    /// RFC 3339.
    pub updated_at: String,
}

async fn view(tx: &Tx, row: Deployment) -> Result<DeploymentView, Fault> {
    let model = tx.models().get(&row.project_id, &row.model_id).await?;
    Ok(DeploymentView {
        id: row.id,
        object: "deployment".to_owned(),
        name: row.name,
        model: ModelName {
            name: model.map(|m| m.name).unwrap_or_default(),
            id: row.model_id,
        },
        state: row.state.as_str().to_owned(),
        error: row.error.map(row_error::from_row),
        created_at: rfc3339(row.created_at),
        updated_at: rfc3339(row.updated_at),
    })
}
