//! Jobs as rows: who holds which, until when. The rules (when to retry, when to give
//! up) are in `hanok-jobs`; what jobs do is known further up only.

mod census;
mod lease;

use hanok_domain::{id, state::JobState};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use serde::Serialize;
use serde_json::Value;

use super::RowError;
use crate::entities::jobs;
use crate::{Page, StoreError, Tx, json};

pub use census::{Counted, JobFilter};
pub use lease::{ClaimRequest, Lease, Settlement};

/// Topic of the change that tells waiting executors to look again.
pub const TOPIC: &str = "jobs";

/// A job.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Job {
    /// `job_…`.
    pub id: String,
    /// Whose it is.
    pub project_id: String,
    /// For example `run.train`.
    pub kind: String,
    /// `worker` or `server`.
    pub executor: String,
    /// What to do; null if damaged.
    pub payload: Value,
    /// What it is about, for example a run's id.
    pub subject: String,
    /// Higher goes first; equal ones in the order in which they came.
    pub priority: i64,
    /// Where it stands.
    pub state: JobState,
    /// Raised at each claim: the fence against whoever held it before.
    pub epoch: i64,
    /// How often it was claimed.
    pub attempts: i64,
    /// How often it may be.
    pub max_attempts: i64,
    /// Who holds it, or held it last.
    pub holder: Option<String>,
    /// Until when the holder has it, µs UTC.
    pub lease_until: Option<i64>,
    /// Last sign of life, µs UTC.
    pub heartbeat_at: Option<i64>,
    /// Last sign of progress, µs UTC.
    pub progress_at: Option<i64>,
    /// Not before, µs UTC.
    pub run_after: i64,
    /// The holder is asked to stop.
    pub cancel_requested: bool,
    /// The holder is asked to stop in order to go on later, µs UTC.
    pub pause_requested_at: Option<i64>,
    /// What came of it.
    pub result: Option<Value>,
    /// Why it failed, or failed last.
    pub error: Option<RowError>,
    /// µs UTC.
    pub created_at: i64,
    /// When it was first claimed, µs UTC.
    pub started_at: Option<i64>,
    /// µs UTC.
    pub finished_at: Option<i64>,
}

impl Job {
    /// The proof of holding it, while someone does.
    pub fn lease(&self) -> Option<Lease> {
        let holder = self.holder.clone()?;
        (self.state == JobState::Running).then(|| Lease {
            job: self.id.clone(),
            epoch: self.epoch,
            holder,
        })
    }
}

/// What a new job needs; it starts as queued.
#[derive(Debug, Clone)]
pub struct NewJob {
    /// Whose it is.
    pub project_id: String,
    /// For example `run.train`.
    pub kind: String,
    /// `worker` or `server`.
    pub executor: String,
    /// What to do.
    pub payload: Value,
    /// What it is about, for example a run's id.
    pub subject: String,
    /// Higher goes first.
    pub priority: i64,
    /// How often it may be claimed.
    pub max_attempts: i64,
}

/// Access to jobs.
pub struct Jobs<'t>(pub(crate) &'t Tx);

impl Jobs<'_> {
    /// Adds a job.
    pub async fn insert(&self, new: &NewJob) -> Result<Job, StoreError> {
        let now = self.0.now().await?;
        let model = jobs::Model {
            id: id::new(id::JOB),
            project_id: new.project_id.clone(),
            kind: new.kind.clone(),
            executor: new.executor.clone(),
            payload: new.payload.to_string(),
            subject: new.subject.clone(),
            priority: new.priority,
            state: JobState::Queued.as_str().to_owned(),
            epoch: 0,
            attempts: 0,
            max_attempts: new.max_attempts,
            holder: None,
            lease_until: None,
            heartbeat_at: None,
            progress_at: None,
            run_after: self.0.steady().await?,
            cancel_requested: false,
            pause_requested_at: None,
            result: None,
            error_code: None,
            error_message: None,
            created_at: now,
            started_at: None,
            finished_at: None,
        };
        self.0.insert(model.clone()).await?;
        self.0.notify(&new.project_id, TOPIC);
        Ok(model.into())
    }

    /// The project's job with this id.
    pub async fn get(&self, project: &str, id: &str) -> Result<Option<Job>, StoreError> {
        let row = jobs::Entity::find_by_id(id)
            .filter(jobs::Column::ProjectId.eq(project))
            .one(self.0.conn())
            .await?;
        Ok(row.map(Into::into))
    }

    /// The job with this id, whosever it is: for executors, which work for all projects.
    pub async fn by_id(&self, id: &str) -> Result<Option<Job>, StoreError> {
        let row = jobs::Entity::find_by_id(id).one(self.0.conn()).await?;
        Ok(row.map(Into::into))
    }

    /// The project's jobs, newest first.
    pub async fn list(&self, project: &str, page: &Page) -> Result<Vec<Job>, StoreError> {
        let query = jobs::Entity::find().filter(jobs::Column::ProjectId.eq(project));
        let rows = page
            .apply(query, jobs::Column::Id)
            .all(self.0.conn())
            .await?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    /// Jobs of all projects that are in this state, oldest first.
    pub async fn in_state(&self, state: &JobState, limit: u64) -> Result<Vec<Job>, StoreError> {
        use sea_orm::QuerySelect;
        let rows = jobs::Entity::find()
            .filter(jobs::Column::State.eq(state.as_str()))
            .order_by_asc(jobs::Column::Id)
            .limit(limit)
            .all(self.0.conn())
            .await?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    /// Cancels a job that is still queued; says whether it was.
    pub async fn cancel_queued(&self, project: &str, id: &str) -> Result<bool, StoreError> {
        let cancelled = jobs::ActiveModel {
            state: Set(JobState::Cancelled.as_str().to_owned()),
            finished_at: Set(Some(self.0.now().await?)),
            ..Default::default()
        };
        self.change(project, id, JobState::Queued, cancelled).await
    }

    /// Asks the holder of a running job to stop; says whether it was running.
    pub async fn request_cancel(&self, project: &str, id: &str) -> Result<bool, StoreError> {
        let asked = jobs::ActiveModel {
            cancel_requested: Set(true),
            ..Default::default()
        };
        self.change(project, id, JobState::Running, asked).await
    }

    /// Asks the holder of a running job to stop in order to go on later; says whether it was running.
    pub async fn request_pause(&self, project: &str, id: &str) -> Result<bool, StoreError> {
        let asked = jobs::ActiveModel {
            pause_requested_at: Set(Some(self.0.now().await?)),
            ..Default::default()
        };
        self.change(project, id, JobState::Running, asked).await
    }

    async fn change(
        &self,
        project: &str,
        id: &str,
        from: JobState,
        change: jobs::ActiveModel,
    ) -> Result<bool, StoreError> {
        let updated = jobs::Entity::update_many()
            .set(change)
            .filter(jobs::Column::Id.eq(id))
            .filter(jobs::Column::ProjectId.eq(project))
            .filter(jobs::Column::State.eq(from.as_str()))
            .exec(self.0.conn())
            .await?;
        if updated.rows_affected > 0 {
            self.0.notify(project, id);
        }
        Ok(updated.rows_affected > 0)
    }
}

impl From<jobs::Model> for Job {
    fn from(row: jobs::Model) -> Self {
        Self {
            payload: json::read(&row.payload, "jobs.payload"),
            result: json::read_optional(row.result.as_ref(), "jobs.result"),
            id: row.id,
            project_id: row.project_id,
            kind: row.kind,
            executor: row.executor,
            subject: row.subject,
            priority: row.priority,
            state: JobState::parse(&row.state),
            epoch: row.epoch,
            attempts: row.attempts,
            max_attempts: row.max_attempts,
            holder: row.holder,
            lease_until: row.lease_until,
            heartbeat_at: row.heartbeat_at,
            progress_at: row.progress_at,
            run_after: row.run_after,
            cancel_requested: row.cancel_requested,
            pause_requested_at: row.pause_requested_at,
            error: RowError::read(row.error_code, row.error_message),
            created_at: row.created_at,
            started_at: row.started_at,
            finished_at: row.finished_at,
        }
    }
}
