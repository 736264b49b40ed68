//! Evaluations: base against tuned on held-out rows. Does not compute anything.

use hanok_domain::{id, state::RunState};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use serde::Serialize;
use serde_json::Value;

use super::{RowError, absent, refused};
use crate::entities::evals;
use crate::{Page, StoreError, Tx, json};

/// An evaluation.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Eval {
    /// `eval_…`.
    pub id: String,
    /// Whose it is.
    pub project_id: String,
    /// The run whose end it belongs to.
    pub run_id: Option<String>,
    /// The tuned model.
    pub model_id: String,
    /// What it is compared with.
    pub base_model: String,
    /// Where the held-out rows are from.
    pub dataset_version_id: String,
    /// Where it stands; the states are those of a run.
    pub state: RunState,
    /// The job that computes it.
    pub job_id: Option<String>,
    /// What was measured; null if damaged.
    pub result: Option<Value>,
    /// Why it failed.
    pub error: Option<RowError>,
    /// µs UTC.
    pub created_at: i64,
    /// µs UTC.
    pub finished_at: Option<i64>,
}

/// What a new evaluation needs; it starts as queued.
#[derive(Debug, Clone)]
pub struct NewEval {
    /// Whose it is.
    pub project_id: String,
    /// The run whose end it belongs to.
    pub run_id: Option<String>,
    /// The tuned model.
    pub model_id: String,
    /// What it is compared with.
    pub base_model: String,
    /// Where the held-out rows are from.
    pub dataset_version_id: String,
}

/// What to change of an evaluation; the rest stays.
#[derive(Debug, Clone, Default)]
pub struct EvalChange {
    /// New state, if the present one allows it.
    pub state: Option<RunState>,
    /// The job that computes it.
    pub job_id: Option<String>,
    /// What was measured.
    pub result: Option<Value>,
    /// Why it failed.
    pub error: Option<RowError>,
}

/// Access to evaluations.
pub struct Evals<'t>(pub(crate) &'t Tx);

impl Evals<'_> {
    /// Adds an evaluation.
    pub async fn insert(&self, new: &NewEval) -> Result<Eval, StoreError> {
        self.add(new, RunState::Queued, None).await
    }

    /// Adds an evaluation that was computed along with its run.
    pub async fn insert_done(&self, new: &NewEval, result: &Value) -> Result<Eval, StoreError> {
        self.add(new, RunState::Succeeded, Some(result)).await
    }

    async fn add(
        &self,
        new: &NewEval,
        state: RunState,
        result: Option<&Value>,
    ) -> Result<Eval, StoreError> {
        let now = self.0.now().await?;
        let model = evals::Model {
            id: id::new(id::EVAL),
            project_id: new.project_id.clone(),
            run_id: new.run_id.clone(),
            model_id: new.model_id.clone(),
            base_model: new.base_model.clone(),
            dataset_version_id: new.dataset_version_id.clone(),
            finished_at: state.is_final().then_some(now),
            state: state.as_str().to_owned(),
            job_id: None,
            result: result.map(Value::to_string),
            error_code: None,
            error_message: None,
            created_at: now,
        };
        self.0.insert(model.clone()).await?;
        Ok(model.into())
    }

    /// The project's evaluation with this id.
    pub async fn get(&self, project: &str, id: &str) -> Result<Option<Eval>, StoreError> {
        let row = evals::Entity::find_by_id(id)
            .filter(evals::Column::ProjectId.eq(project))
            .one(self.0.conn())
            .await?;
        Ok(row.map(Into::into))
    }

    /// The project's evaluations, newest first.
    pub async fn list(&self, project: &str, page: &Page) -> Result<Vec<Eval>, StoreError> {
        let query = evals::Entity::find().filter(evals::Column::ProjectId.eq(project));
        let rows = page
            .apply(query, evals::Column::Id)
            .all(self.0.conn())
            .await?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    /// The evaluations that belong to a run, newest first.
    pub async fn of_run(&self, project: &str, run: &str) -> Result<Vec<Eval>, StoreError> {
        let rows = evals::Entity::find()
            .filter(evals::Column::ProjectId.eq(project))
            .filter(evals::Column::RunId.eq(run))
            .order_by_desc(evals::Column::Id)
            .all(self.0.conn())
            .await?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    /// Changes an evaluation and returns it as it now is.
    pub async fn update(
        &self,
        project: &str,
        id: &str,
        change: &EvalChange,
    ) -> Result<Eval, StoreError> {
        let found = self.get(project, id).await?;
        let present = found.ok_or_else(|| absent("evaluation", id))?;
        let mut row = evals::ActiveModel {
            state: Set(present.state.as_str().to_owned()),
            ..Default::default()
        };
        if let Some(state) = &change.state {
            if !present.state.may_become(state) {
                return Err(refused(
                    "evaluation",
                    present.state.as_str(),
                    state.as_str(),
                ));
            }
            row.state = Set(state.as_str().to_owned());
            if state.is_final() {
                row.finished_at = Set(Some(self.0.now().await?));
            }
        }
        if let Some(job) = &change.job_id {
            row.job_id = Set(Some(job.clone()));
        }
        if let Some(result) = &change.result {
            row.result = Set(Some(result.to_string()));
        }
        if let Some(error) = &change.error {
            row.error_code = Set(Some(error.code.clone()));
            row.error_message = Set(Some(error.message.clone()));
        }
        let updated = evals::Entity::update_many()
            .set(row)
            .filter(evals::Column::Id.eq(id))
            .filter(evals::Column::State.eq(present.state.as_str()))
            .exec(self.0.conn())
            .await?;
        super::unraced(updated.rows_affected, "evaluation", id)?;
        let now = self.get(project, id).await?;
        now.ok_or_else(|| absent("evaluation", id))
    }
}

impl From<evals::Model> for Eval {
    fn from(row: evals::Model) -> Self {
        Self {
            result: json::read_optional(row.result.as_ref(), "evals.result"),
            id: row.id,
            project_id: row.project_id,
            run_id: row.run_id,
            model_id: row.model_id,
            base_model: row.base_model,
            dataset_version_id: row.dataset_version_id,
            state: RunState::parse(&row.state),
            job_id: row.job_id,
            error: RowError::read(row.error_code, row.error_message),
            created_at: row.created_at,
            finished_at: row.finished_at,
        }
    }
}
