//! Training runs. Does not own the job that computes one.

use hanok_domain::{id, state::RunState};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};
use serde::Serialize;
use serde_json::Value;

use super::{RowError, absent, refused};
use crate::entities::runs;
use crate::{Page, StoreError, Tx, json};

/// A training run.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Run {
    /// `run_…`.
    pub id: String,
    /// Whose it is.
    pub project_id: String,
    /// As people see it.
    pub name: String,
    /// For example `head`.
    pub method: String,
    /// What is tuned.
    pub base_model: String,
    /// What it is tuned on.
    pub dataset_version_id: String,
    /// Hyper-parameters; null if damaged.
    pub params: Value,
    /// Where it stands.
    pub state: RunState,
    /// The job that computes it.
    pub job_id: Option<String>,
    /// The model that came of it.
    pub model_id: Option<String>,
    /// What was measured at its end.
    pub metrics: Option<Value>,
    /// Why it failed.
    pub error: Option<RowError>,
    /// The account that started it.
    pub created_by: String,
    /// µs UTC.
    pub created_at: i64,
    /// When it first ran, µs UTC.
    pub started_at: Option<i64>,
    /// µs UTC.
    pub finished_at: Option<i64>,
    /// µs UTC.
    pub updated_at: i64,
}

/// What a new run needs; it starts as queued.
#[derive(Debug, Clone)]
pub struct NewRun {
    /// Whose it is.
    pub project_id: String,
    /// As people see it.
    pub name: String,
    /// For example `head`.
    pub method: String,
    /// What is tuned.
    pub base_model: String,
    /// What it is tuned on.
    pub dataset_version_id: String,
    /// Hyper-parameters.
    pub params: Value,
    /// The account that starts it.
    pub created_by: String,
}

/// What to change of a run; the rest stays.
#[derive(Debug, Clone, Default)]
pub struct RunChange {
    /// New state, if the present one allows it. Sets the times that go with it.
    pub state: Option<RunState>,
    /// The job that computes it.
    pub job_id: Option<String>,
    /// The model that came of it.
    pub model_id: Option<String>,
    /// What was measured.
    pub metrics: Option<Value>,
    /// Why it failed.
    pub error: Option<RowError>,
}

/// Access to runs.
pub struct Runs<'t>(pub(crate) &'t Tx);

impl Runs<'_> {
    /// Adds a run.
    pub async fn insert(&self, new: &NewRun) -> Result<Run, StoreError> {
        let now = self.0.now().await?;
        let model = runs::Model {
            id: id::new(id::RUN),
            project_id: new.project_id.clone(),
            name: new.name.clone(),
            method: new.method.clone(),
            base_model: new.base_model.clone(),
            dataset_version_id: new.dataset_version_id.clone(),
            params: new.params.to_string(),
            state: RunState::Queued.as_str().to_owned(),
            job_id: None,
            model_id: None,
            metrics: None,
            error_code: None,
            error_message: None,
            created_by: new.created_by.clone(),
            created_at: now,
            started_at: None,
            finished_at: None,
            updated_at: now,
        };
        self.0.insert(model.clone()).await?;
        Ok(model.into())
    }

    /// The project's run with this id.
    pub async fn get(&self, project: &str, id: &str) -> Result<Option<Run>, StoreError> {
        let row = runs::Entity::find_by_id(id)
            .filter(runs::Column::ProjectId.eq(project))
            .one(self.0.conn())
            .await?;
        Ok(row.map(Into::into))
    }

    /// The project's runs, newest first.
    pub async fn list(&self, project: &str, page: &Page) -> Result<Vec<Run>, StoreError> {
        let query = runs::Entity::find().filter(runs::Column::ProjectId.eq(project));
        let rows = page
            .apply(query, runs::Column::Id)
            .all(self.0.conn())
            .await?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    /// The project's runs that are not over and tune this model.
    pub async fn tuning(&self, project: &str, base_model: &str) -> Result<Vec<Run>, StoreError> {
        let alive = [RunState::Queued, RunState::Running, RunState::Paused];
        let rows = runs::Entity::find()
            .filter(runs::Column::ProjectId.eq(project))
            .filter(runs::Column::BaseModel.eq(base_model))
            .filter(runs::Column::State.is_in(alive.iter().map(RunState::as_str)))
            .all(self.0.conn())
            .await?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    /// Changes a run and returns it as it now is.
    pub async fn update(
        &self,
        project: &str,
        id: &str,
        change: &RunChange,
    ) -> Result<Run, StoreError> {
        let found = self.get(project, id).await?;
        let present = found.ok_or_else(|| absent("run", id))?;
        let row = changed(&present, change, self.0.now().await?)?;
        let updated = runs::Entity::update_many()
            .set(row)
            .filter(runs::Column::Id.eq(id))
            // Whoever moved it in between wins; we would act on what is no longer so.
            .filter(runs::Column::State.eq(present.state.as_str()))
            .exec(self.0.conn())
            .await?;
        super::unraced(updated.rows_affected, "run", id)?;
        let now = self.get(project, id).await?;
        now.ok_or_else(|| absent("run", id))
    }
}

fn changed(present: &Run, change: &RunChange, now: i64) -> Result<runs::ActiveModel, StoreError> {
    let mut row = runs::ActiveModel {
        updated_at: Set(now),
        ..Default::default()
    };
    if let Some(state) = &change.state {
        if !present.state.may_become(state) {
            return Err(refused("run", present.state.as_str(), state.as_str()));
        }
        row.state = Set(state.as_str().to_owned());
        if *state == RunState::Running && present.started_at.is_none() {
            row.started_at = Set(Some(now));
        }
        if state.is_final() {
            row.finished_at = Set(Some(now));
        } else if present.state.is_final() {
            row.finished_at = Set(None);
            row.error_code = Set(None);
            row.error_message = Set(None);
        }
    }
    if let Some(job) = &change.job_id {
        row.job_id = Set(Some(job.clone()));
    }
    if let Some(model) = &change.model_id {
        row.model_id = Set(Some(model.clone()));
    }
    if let Some(metrics) = &change.metrics {
        row.metrics = Set(Some(metrics.to_string()));
    }
    if let Some(error) = &change.error {
        row.error_code = Set(Some(error.code.clone()));
        row.error_message = Set(Some(error.message.clone()));
    }
    Ok(row)
}

impl From<runs::Model> for Run {
    fn from(row: runs::Model) -> Self {
        Self {
            params: json::read(&row.params, "runs.params"),
            metrics: json::read_optional(row.metrics.as_ref(), "runs.metrics"),
            id: row.id,
            project_id: row.project_id,
            name: row.name,
            method: row.method,
            base_model: row.base_model,
            dataset_version_id: row.dataset_version_id,
            state: RunState::parse(&row.state),
            job_id: row.job_id,
            model_id: row.model_id,
            error: RowError::read(row.error_code, row.error_message),
            created_by: row.created_by,
            created_at: row.created_at,
            started_at: row.started_at,
            finished_at: row.finished_at,
            updated_at: row.updated_at,
        }
    }
}
