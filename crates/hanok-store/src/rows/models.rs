//! Models: imported ones and those that came of runs. Their weights are objects.

mod new;

use hanok_domain::{id, state::ModelState};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use serde::Serialize;
use serde_json::Value;

use super::{RowError, absent, one, refused};
use crate::entities::models;
use crate::{Page, StoreError, Tx, json};

pub use new::{ModelChange, NewModel};

/// The format of rows that were written before models had one: a head alone.
const HEAD: &str = "head";

/// A model.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Model {
    /// `model_…`.
    pub id: String,
    /// Whose it is.
    pub project_id: String,
    /// The name to call it by, for example `ft:hanok-encoder:mood:x7k2`; unique in the project.
    pub name: String,
    /// `classifier`, `decoder` or `encoder`; `unknown` until an import has looked.
    pub kind: String,
    /// Name of what was tuned; empty for an imported model.
    pub base_model: String,
    /// Id of what was tuned; none for a starter model's tuning and for an imported model.
    pub base: Option<String>,
    /// The run that it came of.
    pub run_id: Option<String>,
    /// Labels and other facts; null if damaged.
    pub manifest: Value,
    /// Where its import stands; what came of a run is ready.
    pub state: ModelState,
    /// `hf` (a whole directory), `peft` (an adapter) or `head`.
    pub format: String,
    /// For example `llama`.
    pub architecture: Option<String>,
    /// Its files with their objects; null if damaged.
    pub files: Value,
    /// Weights in it.
    pub parameters: Option<i64>,
    /// Tokens that it reads at most.
    pub context_length: Option<i64>,
    /// The job that imports it.
    pub job_id: Option<String>,
    /// Why it cannot be used.
    pub error: Option<RowError>,
    /// µs UTC.
    pub created_at: i64,
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
            state: Some(new.state.as_str().to_owned()),
            format: Some(new.format.clone()),
            architecture: new.architecture.clone(),
            base: new.base.clone(),
            files: Some(new.files.to_string()),
            parameters: new.parameters,
            context_length: new.context_length,
            job_id: None,
            error_code: None,
            error_message: None,
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

    /// What was tuned from this model, oldest first.
    pub async fn tuned_from(&self, project: &str, base: &str) -> Result<Vec<Model>, StoreError> {
        self.all(project, models::Column::Base.eq(base)).await
    }

    /// Imported models that can be used, or are on their way, oldest first.
    pub async fn in_state(
        &self,
        project: &str,
        state: &ModelState,
    ) -> Result<Vec<Model>, StoreError> {
        self.all(project, models::Column::State.eq(state.as_str()))
            .await
    }

    async fn all(
        &self,
        project: &str,
        which: sea_orm::sea_query::SimpleExpr,
    ) -> Result<Vec<Model>, StoreError> {
        let rows = models::Entity::find()
            .filter(which)
            .filter(models::Column::ProjectId.eq(project))
            .filter(models::Column::DeletedAt.is_null())
            .order_by_asc(models::Column::Id)
            .all(self.0.conn())
            .await?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    /// Changes a model and returns it as it now is.
    pub async fn update(
        &self,
        project: &str,
        id: &str,
        change: &ModelChange,
    ) -> Result<Model, StoreError> {
        let found = self.get(project, id).await?;
        let present = found.ok_or_else(|| absent("model", id))?;
        let updated = models::Entity::update_many()
            .set(changed(&present, change)?)
            .filter(models::Column::Id.eq(id))
            .filter(models::Column::State.eq(present.state.as_str()))
            .exec(self.0.conn())
            .await?;
        super::unraced(updated.rows_affected, "model", id)?;
        let now = self.get(project, id).await?;
        now.ok_or_else(|| absent("model", id))
    }

    /// Puts a model into the bin. Its name is free at once.
    pub async fn delete(&self, project: &str, id: &str) -> Result<(), StoreError> {
        let found = self.get(project, id).await?;
        let present = found.ok_or_else(|| absent("model", id))?;
        let deleted = models::ActiveModel {
            deleted_at: Set(Some(self.0.now().await?)),
            name: Set(format!("{} (deleted {id})", present.name)),
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

fn changed(present: &Model, change: &ModelChange) -> Result<models::ActiveModel, StoreError> {
    let mut row = models::ActiveModel {
        state: Set(Some(present.state.as_str().to_owned())),
        ..Default::default()
    };
    if let Some(state) = &change.state {
        if !present.state.may_become(state) {
            return Err(refused("model", present.state.as_str(), state.as_str()));
        }
        row.state = Set(Some(state.as_str().to_owned()));
    }
    if let Some(kind) = &change.kind {
        row.kind = Set(kind.clone());
    }
    if let Some(architecture) = &change.architecture {
        row.architecture = Set(Some(architecture.clone()));
    }
    if let Some(parameters) = change.parameters {
        row.parameters = Set(Some(parameters));
    }
    if let Some(length) = change.context_length {
        row.context_length = Set(Some(length));
    }
    if let Some(manifest) = &change.manifest {
        row.manifest = Set(manifest.to_string());
    }
    if let Some(job) = &change.job_id {
        row.job_id = Set(Some(job.clone()));
    }
    if let Some(error) = &change.error {
        row.error_code = Set(Some(error.code.clone()));
        row.error_message = Set(Some(error.message.clone()));
    }
    Ok(row)
}

impl From<models::Model> for Model {
    fn from(row: models::Model) -> Self {
        Self {
            manifest: json::read(&row.manifest, "models.manifest"),
            files: json::read_optional(row.files.as_ref(), "models.files")
                .unwrap_or_else(|| Value::Array(Vec::new())),
            state: row
                .state
                .map_or(ModelState::Ready, |state| ModelState::parse(&state)),
            format: row.format.unwrap_or_else(|| HEAD.to_owned()),
            error: RowError::read(row.error_code, row.error_message),
            id: row.id,
            project_id: row.project_id,
            name: row.name,
            kind: row.kind,
            base_model: row.base_model,
            base: row.base,
            run_id: row.run_id,
            architecture: row.architecture,
            parameters: row.parameters,
            context_length: row.context_length,
            job_id: row.job_id,
            created_at: row.created_at,
        }
    }
}
