//! Deployments: which models are to answer. Does not load anything.

use hanok_domain::{id, state::DeploymentState};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use serde::Serialize;

use super::{RowError, absent, one, refused};
use crate::entities::deployments;
use crate::{Page, StoreError, Tx};

/// A deployment.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Deployment {
    /// `dep_…`.
    pub id: String,
    /// Whose it is.
    pub project_id: String,
    /// The model that answers.
    pub model_id: String,
    /// As people see it.
    pub name: String,
    /// Where it stands.
    pub state: DeploymentState,
    /// Why it could not be loaded.
    pub error: Option<RowError>,
    /// µs UTC.
    pub created_at: i64,
    /// µs UTC.
    pub updated_at: i64,
}

/// What a new deployment needs; it starts as pending.
#[derive(Debug, Clone)]
pub struct NewDeployment {
    /// Whose it is.
    pub project_id: String,
    /// The model that answers.
    pub model_id: String,
    /// As people see it.
    pub name: String,
}

/// Access to deployments.
pub struct Deployments<'t>(pub(crate) &'t Tx);

impl Deployments<'_> {
    /// Adds a deployment.
    pub async fn insert(&self, new: &NewDeployment) -> Result<Deployment, StoreError> {
        let now = self.0.now().await?;
        let model = deployments::Model {
            id: id::new(id::DEPLOYMENT),
            project_id: new.project_id.clone(),
            model_id: new.model_id.clone(),
            name: new.name.clone(),
            state: DeploymentState::Pending.as_str().to_owned(),
            error_code: None,
            error_message: None,
            created_at: now,
            updated_at: now,
            deleted_at: None,
        };
        self.0.insert(model.clone()).await?;
        Ok(model.into())
    }

    /// The project's deployment with this id.
    pub async fn get(&self, project: &str, id: &str) -> Result<Option<Deployment>, StoreError> {
        let row = deployments::Entity::find_by_id(id)
            .filter(deployments::Column::ProjectId.eq(project))
            .filter(deployments::Column::DeletedAt.is_null())
            .one(self.0.conn())
            .await?;
        Ok(row.map(Into::into))
    }

    /// The project's deployments, newest first.
    pub async fn list(&self, project: &str, page: &Page) -> Result<Vec<Deployment>, StoreError> {
        let query = deployments::Entity::find()
            .filter(deployments::Column::ProjectId.eq(project))
            .filter(deployments::Column::DeletedAt.is_null());
        let rows = page
            .apply(query, deployments::Column::Id)
            .all(self.0.conn())
            .await?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    /// The deployments of one model, newest first.
    pub async fn of_model(
        &self,
        project: &str,
        model: &str,
    ) -> Result<Vec<Deployment>, StoreError> {
        let rows = deployments::Entity::find()
            .filter(deployments::Column::ProjectId.eq(project))
            .filter(deployments::Column::ModelId.eq(model))
            .filter(deployments::Column::DeletedAt.is_null())
            .order_by_desc(deployments::Column::Id)
            .all(self.0.conn())
            .await?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    /// What hosting workers are to hold, of all projects: everything pending or ready.
    pub async fn wanted(&self) -> Result<Vec<Deployment>, StoreError> {
        let wanted = [DeploymentState::Pending, DeploymentState::Ready];
        let rows = deployments::Entity::find()
            .filter(deployments::Column::State.is_in(wanted.iter().map(DeploymentState::as_str)))
            .filter(deployments::Column::DeletedAt.is_null())
            .order_by_asc(deployments::Column::Id)
            .all(self.0.conn())
            .await?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    /// Moves a deployment to another state, if the present one allows it.
    /// An earlier error is forgotten.
    pub async fn set_state(
        &self,
        project: &str,
        id: &str,
        state: &DeploymentState,
        error: Option<&RowError>,
    ) -> Result<Deployment, StoreError> {
        let found = self.get(project, id).await?;
        let present = found.ok_or_else(|| absent("deployment", id))?;
        if !present.state.may_become(state) {
            return Err(refused(
                "deployment",
                present.state.as_str(),
                state.as_str(),
            ));
        }
        let row = deployments::ActiveModel {
            state: Set(state.as_str().to_owned()),
            error_code: Set(error.map(|error| error.code.clone())),
            error_message: Set(error.map(|error| error.message.clone())),
            updated_at: Set(self.0.now().await?),
            ..Default::default()
        };
        let updated = deployments::Entity::update_many()
            .set(row)
            .filter(deployments::Column::Id.eq(id))
            .filter(deployments::Column::State.eq(present.state.as_str()))
            .exec(self.0.conn())
            .await?;
        super::unraced(updated.rows_affected, "deployment", id)?;
        let now = self.get(project, id).await?;
        now.ok_or_else(|| absent("deployment", id))
    }

    /// Takes a deployment away.
    pub async fn delete(&self, project: &str, id: &str) -> Result<(), StoreError> {
        let deleted = deployments::ActiveModel {
            deleted_at: Set(Some(self.0.now().await?)),
            ..Default::default()
        };
        let updated = deployments::Entity::update_many()
            .set(deleted)
            .filter(deployments::Column::Id.eq(id))
            .filter(deployments::Column::ProjectId.eq(project))
            .filter(deployments::Column::DeletedAt.is_null())
            .exec(self.0.conn())
            .await?;
        one(updated.rows_affected, "deployment", id)
    }
}

impl From<deployments::Model> for Deployment {
    fn from(row: deployments::Model) -> Self {
        Self {
            id: row.id,
            project_id: row.project_id,
            model_id: row.model_id,
            name: row.name,
            state: DeploymentState::parse(&row.state),
            error: RowError::read(row.error_code, row.error_message),
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}
