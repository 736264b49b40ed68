//! Fine-tuning jobs as they were asked for over the OpenAI surface, each with the run that came of it.
//! What happens after the run has begun is the run's.

use hanok_domain::{id, state::FineTuneState};
use sea_orm::{ActiveValue::Set, ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder};
use serde::Serialize;
use serde_json::Value;

use super::{RowError, absent, refused};
use crate::entities::fine_tunes;
use crate::{Page, StoreError, Tx, json};

/// A fine-tuning job.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FineTune {
    /// `ftjob-…`.
    pub id: String,
    /// Whose it is.
    pub project_id: String,
    /// Name of the model to tune.
    pub model: String,
    /// `file-…`.
    pub training_file: String,
    /// `file-…`.
    pub validation_file: Option<String>,
    /// The data set that the training file becomes.
    pub dataset_id: String,
    /// The data set that the validation file becomes.
    pub validation_dataset_id: Option<String>,
    /// What else was asked for; null if damaged.
    pub request: Value,
    /// Where it stands before there is a run.
    pub state: FineTuneState,
    /// The run that came of it.
    pub run_id: Option<String>,
    /// Why there is none.
    pub error: Option<RowError>,
    /// The account that asked.
    pub created_by: String,
    /// µs UTC.
    pub created_at: i64,
    /// When it ended without a run, µs UTC.
    pub finished_at: Option<i64>,
}

/// What a new fine-tuning job needs; it starts as validating.
#[derive(Debug, Clone)]
pub struct NewFineTune {
    /// Whose it is.
    pub project_id: String,
    /// Name of the model to tune.
    pub model: String,
    /// `file-…`.
    pub training_file: String,
    /// `file-…`.
    pub validation_file: Option<String>,
    /// The data set that the training file becomes.
    pub dataset_id: String,
    /// The data set that the validation file becomes.
    pub validation_dataset_id: Option<String>,
    /// What else was asked for.
    pub request: Value,
    /// The account that asks.
    pub created_by: String,
}

/// How a fine-tuning job stops to validate.
#[derive(Debug, Clone)]
pub enum FineTuneEnd {
    /// It has become this run.
    Started {
        /// `run_…`.
        run: String,
    },
    /// Its files cannot be used.
    Failed(RowError),
    /// A person ended it.
    Cancelled,
}

/// Access to fine-tuning jobs.
pub struct FineTunes<'t>(pub(crate) &'t Tx);

impl FineTunes<'_> {
    /// Adds a fine-tuning job.
    pub async fn insert(&self, new: &NewFineTune) -> Result<FineTune, StoreError> {
        let row = fine_tunes::Model {
            id: id::dashed(id::FINE_TUNE),
            project_id: new.project_id.clone(),
            model: new.model.clone(),
            training_file: new.training_file.clone(),
            validation_file: new.validation_file.clone(),
            dataset_id: new.dataset_id.clone(),
            validation_dataset_id: new.validation_dataset_id.clone(),
            request: new.request.to_string(),
            state: FineTuneState::Validating.as_str().to_owned(),
            run_id: None,
            error_code: None,
            error_message: None,
            created_by: new.created_by.clone(),
            created_at: self.0.now().await?,
            finished_at: None,
        };
        self.0.insert(row.clone()).await?;
        Ok(row.into())
    }

    /// The project's fine-tuning job with this id.
    pub async fn get(&self, project: &str, id: &str) -> Result<Option<FineTune>, StoreError> {
        self.find(project, fine_tunes::Column::Id.eq(id)).await
    }

    /// The fine-tuning job that became this run.
    pub async fn of_run(&self, project: &str, run: &str) -> Result<Option<FineTune>, StoreError> {
        self.find(project, fine_tunes::Column::RunId.eq(run)).await
    }

    async fn find(
        &self,
        project: &str,
        which: sea_orm::sea_query::SimpleExpr,
    ) -> Result<Option<FineTune>, StoreError> {
        let row = fine_tunes::Entity::find()
            .filter(which)
            .filter(fine_tunes::Column::ProjectId.eq(project))
            .one(self.0.conn())
            .await?;
        Ok(row.map(Into::into))
    }

    /// The project's fine-tuning jobs, newest first.
    pub async fn list(&self, project: &str, page: &Page) -> Result<Vec<FineTune>, StoreError> {
        let query = fine_tunes::Entity::find().filter(fine_tunes::Column::ProjectId.eq(project));
        let rows = page
            .apply(query, fine_tunes::Column::Id)
            .all(self.0.conn())
            .await?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    /// Those that still validate, oldest first.
    pub async fn validating(&self, project: &str) -> Result<Vec<FineTune>, StoreError> {
        self.waiting(project, Condition::all()).await
    }

    /// Those that wait for the import of this data set, oldest first.
    pub async fn waiting_for(
        &self,
        project: &str,
        dataset: &str,
    ) -> Result<Vec<FineTune>, StoreError> {
        let either = Condition::any()
            .add(fine_tunes::Column::DatasetId.eq(dataset))
            .add(fine_tunes::Column::ValidationDatasetId.eq(dataset));
        self.waiting(project, either).await
    }

    async fn waiting(&self, project: &str, which: Condition) -> Result<Vec<FineTune>, StoreError> {
        let rows = fine_tunes::Entity::find()
            .filter(fine_tunes::Column::ProjectId.eq(project))
            .filter(fine_tunes::Column::State.eq(FineTuneState::Validating.as_str()))
            .filter(which)
            .order_by_asc(fine_tunes::Column::Id)
            .all(self.0.conn())
            .await?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    /// Notes how a job that validates went on; one that does not validate any more is a wrong move.
    pub async fn end(
        &self,
        project: &str,
        id: &str,
        how: &FineTuneEnd,
    ) -> Result<FineTune, StoreError> {
        let found = self.get(project, id).await?;
        let present = found.ok_or_else(|| absent("fine-tuning job", id))?;
        let now = self.0.now().await?;
        let mut row = fine_tunes::ActiveModel::default();
        let state = match how {
            FineTuneEnd::Started { run } => {
                row.run_id = Set(Some(run.clone()));
                FineTuneState::Started
            }
            FineTuneEnd::Failed(error) => {
                row.error_code = Set(Some(error.code.clone()));
                row.error_message = Set(Some(error.message.clone()));
                row.finished_at = Set(Some(now));
                FineTuneState::Failed
            }
            FineTuneEnd::Cancelled => {
                row.finished_at = Set(Some(now));
                FineTuneState::Cancelled
            }
        };
        if !present.state.may_become(&state) {
            let (from, to) = (present.state.as_str(), state.as_str());
            return Err(refused("fine-tuning job", from, to));
        }
        row.state = Set(state.as_str().to_owned());
        let updated = fine_tunes::Entity::update_many()
            .set(row)
            .filter(fine_tunes::Column::Id.eq(id))
            .filter(fine_tunes::Column::State.eq(present.state.as_str()))
            .exec(self.0.conn())
            .await?;
        super::unraced(updated.rows_affected, "fine-tuning job", id)?;
        let now = self.get(project, id).await?;
        now.ok_or_else(|| absent("fine-tuning job", id))
    }
}

impl From<fine_tunes::Model> for FineTune {
    fn from(row: fine_tunes::Model) -> Self {
        Self {
            request: json::read(&row.request, "fine_tunes.request"),
            state: FineTuneState::parse(&row.state),
            error: RowError::read(row.error_code, row.error_message),
            id: row.id,
            project_id: row.project_id,
            model: row.model,
            training_file: row.training_file,
            validation_file: row.validation_file,
            dataset_id: row.dataset_id,
            validation_dataset_id: row.validation_dataset_id,
            run_id: row.run_id,
            created_by: row.created_by,
            created_at: row.created_at,
            finished_at: row.finished_at,
        }
    }
}
