//! Models that came of runs. Their weights are objects.

use hanok_domain::id;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};
use serde::Serialize;
use serde_json::Value;

use super::one;
use crate::entities::models;
use crate::{Page, StoreError, Tx, json};

/// A model.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Model {
    /// `model_…`.
    pub id: String,
    /// Whose it is.
    pub project_id: String,
    /// The name to call it by, for example `ft:hanok-encoder:mood:x7k2`; unique in the project.
    pub name: String,
    /// For example `classifier`.
    pub kind: String,
    /// What was tuned.
    pub base_model: String,
    /// The run that it came of.
    pub run_id: Option<String>,
    /// Its objects and labels; null if damaged.
    pub manifest: Value,
    /// µs UTC.
    pub created_at: i64,
}

/// What a new model needs.
#[derive(Debug, Clone)]
pub struct NewModel {
    /// Whose it is.
    pub project_id: String,
    /// The name to call it by.
    pub name: String,
    /// For example `classifier`.
    pub kind: String,
    /// What was tuned.
    pub base_model: String,
    /// The run that it came of.
    pub run_id: Option<String>,
    /// Its objects and labels.
    pub manifest: Value,
}

/// Access to models.
pub struct Models<'t>(pub(crate) &'t Tx);

impl Models<'_> {
    /// Adds a model; a name that is taken is a conflict.
    pub async fn insert(&self, new: &NewModel) -> Result<Model, StoreError> {
        let row = models::Model {
            id: id::new(id::MODEL),
            project_id: new.project_id.clone(),
            name: new.name.clone(),
            kind: new.kind.clone(),
            base_model: new.base_model.clone(),
            run_id: new.run_id.clone(),
            manifest: new.manifest.to_string(),
            created_at: self.0.now().await?,
            deleted_at: None,
        };
        self.0.insert(row.clone()).await?;
        Ok(row.into())
    }

    /// The project's model with this id.
    pub async fn get(&self, project: &str, id: &str) -> Result<Option<Model>, StoreError> {
        self.find(project, models::Column::Id.eq(id)).await
    }

    /// The project's model with this name.
    pub async fn by_name(&self, project: &str, name: &str) -> Result<Option<Model>, StoreError> {
        self.find(project, models::Column::Name.eq(name)).await
    }

    async fn find(
        &self,
        project: &str,
        which: sea_orm::sea_query::SimpleExpr,
    ) -> Result<Option<Model>, StoreError> {
        let row = models::Entity::find()
            .filter(which)
            .filter(models::Column::ProjectId.eq(project))
            .filter(models::Column::DeletedAt.is_null())
            .one(self.0.conn())
            .await?;
        Ok(row.map(Into::into))
    }

    /// The project's models, newest first.
    pub async fn list(&self, project: &str, page: &Page) -> Result<Vec<Model>, StoreError> {
        let query = models::Entity::find()
            .filter(models::Column::ProjectId.eq(project))
            .filter(models::Column::DeletedAt.is_null());
        let rows = page
            .apply(query, models::Column::Id)
            .all(self.0.conn())
            .await?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    /// Puts a model into the bin.
    pub async fn delete(&self, project: &str, id: &str) -> Result<(), StoreError> {
        let deleted = models::ActiveModel {
            deleted_at: Set(Some(self.0.now().await?)),
            ..Default::default()
        };
        let updated = models::Entity::update_many()
            .set(deleted)
            .filter(models::Column::Id.eq(id))
            .filter(models::Column::ProjectId.eq(project))
            .filter(models::Column::DeletedAt.is_null())
            .exec(self.0.conn())
            .await?;
        one(updated.rows_affected, "model", id)
    }
}

impl From<models::Model> for Model {
    fn from(row: models::Model) -> Self {
        Self {
            manifest: json::read(&row.manifest, "models.manifest"),
            id: row.id,
            project_id: row.project_id,
            name: row.name,
            kind: row.kind,
            base_model: row.base_model,
            run_id: row.run_id,
            created_at: row.created_at,
        }
    }
}
