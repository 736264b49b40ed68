//! Claiming jobs and everything that only their holder may do. Each write names the
//! job, its epoch and its holder; a write that finds another one changes nothing.

use std::time::Duration;

use hanok_domain::state::JobState;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, DbBackend, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect, Statement, Value,
};
use serde::{Deserialize, Serialize};

use super::{Job, Jobs, TOPIC};
use crate::StoreError;
use crate::entities::jobs;
use crate::rows::{RowError, micros};

/// The proof of holding a job.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Lease {
    /// The job.
    pub job: String,
    /// Its epoch when it was claimed.
    pub epoch: i64,
    /// Who claimed it.
    pub holder: String,
}

/// Who claims what.
#[derive(Debug, Clone)]
pub struct ClaimRequest {
    /// Who is to hold the job, for example a worker's id.
    pub holder: String,
    /// `worker` or `server`.
    pub executor: String,
    /// The kinds that it can do.
    pub kinds: Vec<String>,
}

/// What becomes of a job that is held no longer.
#[derive(Debug, Clone, PartialEq)]
pub enum Settlement {
    /// It is over.
    Over {
        /// A final state.
        state: JobState,
        /// What came of it.
        result: Option<serde_json::Value>,
        /// Why it failed.
        error: Option<RowError>,
    },
    /// It goes back to the queue.
    Again {
        /// How long to wait before the next attempt.
        delay: Duration,
        /// How many attempts count so far.
        attempts: i64,
        /// Why this attempt failed, if it did.
        error: Option<RowError>,
    },
}

impl Jobs<'_> {
    /// Claims the best job that may start now, and raises its epoch.
    pub async fn claim(
        &self,
        request: &ClaimRequest,
        lease: Duration,
    ) -> Result<Option<Job>, StoreError> {
        if request.kinds.is_empty() {
            return Ok(None);
        }
        let now = self.0.steady().await?;
        let mut values: Vec<Value> = vec![
            request.holder.as_str().into(),
            now.saturating_add(micros(lease)).into(),
            now.into(),
            request.executor.as_str().into(),
        ];
        values.extend(request.kinds.iter().map(|kind| Value::from(kind.as_str())));
        let (backend, skip) = if self.0.is_postgres() {
            (DbBackend::Postgres, "FOR UPDATE SKIP LOCKED")
        } else {
            // The one writer is the lock.
            (DbBackend::Sqlite, "")
        };
        let statement =
            Statement::from_sql_and_values(backend, claim_sql(request.kinds.len(), skip), values);
        let row = jobs::Entity::find()
            .from_raw_sql(statement)
            .one(self.0.conn())
            .await?;
        Ok(row.map(Into::into))
    }

    /// Extends the lease; returns the job, or nothing if it is not the holder's any more.
    pub async fn extend(&self, held: &Lease, lease: Duration) -> Result<Option<Job>, StoreError> {
        let now = self.0.steady().await?;
        let alive = jobs::ActiveModel {
            lease_until: Set(Some(now.saturating_add(micros(lease)))),
            heartbeat_at: Set(Some(now)),
            ..Default::default()
        };
        if !self.apply(alive, held_by(held)).await? {
            return Ok(None);
        }
        self.by_id(&held.job).await
    }

    /// Notes that the job got on; says whether it is still the holder's.
    pub async fn progress(&self, held: &Lease) -> Result<bool, StoreError> {
        let now = self.0.steady().await?;
        let got_on = jobs::ActiveModel {
            progress_at: Set(Some(now)),
            ..Default::default()
        };
        self.apply(got_on, held_by(held)).await
    }

    /// Ends the holder's attempt; says whether it was still the holder's.
    pub async fn settle(&self, held: &Lease, how: &Settlement) -> Result<bool, StoreError> {
        let settled = self.settled(how).await?;
        self.apply(settled, held_by(held)).await
    }

    /// Ends the attempt of a holder whose lease ran out; says whether that is still so.
    pub async fn settle_expired(&self, job: &Job, how: &Settlement) -> Result<bool, StoreError> {
        let now = self.0.steady().await?;
        let expired = Condition::all()
            .add(jobs::Column::Id.eq(&job.id))
            .add(jobs::Column::Epoch.eq(job.epoch))
            .add(jobs::Column::State.eq(JobState::Running.as_str()))
            .add(over_by(now));
        let settled = self.settled(how).await?;
        self.apply(settled, expired).await
    }

    /// Running jobs whose lease ran out, oldest first.
    pub async fn expired(&self, limit: u64) -> Result<Vec<Job>, StoreError> {
        let rows = jobs::Entity::find()
            .filter(jobs::Column::State.eq(JobState::Running.as_str()))
            .filter(over_by(self.0.steady().await?))
            .order_by_asc(jobs::Column::LeaseUntil)
            .limit(limit)
            .all(self.0.conn())
            .await?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    /// Running jobs that have not got on since, oldest first.
    pub async fn stalled(&self, since: Duration, limit: u64) -> Result<Vec<Job>, StoreError> {
        let before = self.0.steady().await?.saturating_sub(micros(since));
        let rows = jobs::Entity::find()
            .filter(jobs::Column::State.eq(JobState::Running.as_str()))
            .filter(jobs::Column::ProgressAt.lte(before))
            .order_by_asc(jobs::Column::ProgressAt)
            .limit(limit)
            .all(self.0.conn())
            .await?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    /// Running jobs of this holder.
    pub async fn held_by(&self, holder: &str) -> Result<Vec<Job>, StoreError> {
        let rows = jobs::Entity::find()
            .filter(jobs::Column::State.eq(JobState::Running.as_str()))
            .filter(jobs::Column::Holder.eq(holder))
            .all(self.0.conn())
            .await?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    /// Brings times that lie further ahead than they can into reach: the clock was set back since.
    pub async fn clamp(&self, lease: Duration, pause: Duration) -> Result<u64, StoreError> {
        let now = self.0.steady().await?;
        let (lease, pause) = (
            now.saturating_add(micros(lease)),
            now.saturating_add(micros(pause)),
        );
        let held = jobs::ActiveModel {
            lease_until: Set(Some(lease)),
            ..Default::default()
        };
        let held = jobs::Entity::update_many()
            .set(held)
            .filter(jobs::Column::State.eq(JobState::Running.as_str()))
            .filter(jobs::Column::LeaseUntil.gt(lease))
            .exec(self.0.conn())
            .await?;
        let waiting = jobs::ActiveModel {
            run_after: Set(now),
            ..Default::default()
        };
        let waiting = jobs::Entity::update_many()
            .set(waiting)
            .filter(jobs::Column::State.eq(JobState::Queued.as_str()))
            .filter(jobs::Column::RunAfter.gt(pause))
            .exec(self.0.conn())
            .await?;
        Ok(held.rows_affected + waiting.rows_affected)
    }

    async fn settled(&self, how: &Settlement) -> Result<jobs::ActiveModel, StoreError> {
        let now = self.0.now().await?;
        let mut row = jobs::ActiveModel {
            lease_until: Set(None),
            ..Default::default()
        };
        let error = match how {
            Settlement::Over {
                state,
                result,
                error,
            } => {
                row.state = Set(state.as_str().to_owned());
                row.result = Set(result.as_ref().map(serde_json::Value::to_string));
                row.finished_at = Set(Some(now));
                error.as_ref()
            }
            Settlement::Again {
                delay,
                attempts,
                error,
            } => {
                row.attempts = Set(*attempts);
                row.state = Set(JobState::Queued.as_str().to_owned());
                row.holder = Set(None);
                row.run_after = Set(self.0.steady().await?.saturating_add(micros(*delay)));
                error.as_ref()
            }
        };
        row.error_code = Set(error.map(|error| error.code.clone()));
        row.error_message = Set(error.map(|error| error.message.clone()));
        Ok(row)
    }

    async fn apply(&self, change: jobs::ActiveModel, to: Condition) -> Result<bool, StoreError> {
        let requeued = matches!(&change.holder, Set(None));
        let updated = jobs::Entity::update_many()
            .set(change)
            .filter(to)
            .exec(self.0.conn())
            .await?;
        if updated.rows_affected > 0 && requeued {
            self.0.notify("", TOPIC);
        }
        Ok(updated.rows_affected > 0)
    }
}

/// A running job without a lease is nobody's: it would otherwise run for ever.
fn over_by(now: i64) -> Condition {
    Condition::any()
        .add(jobs::Column::LeaseUntil.lte(now))
        .add(jobs::Column::LeaseUntil.is_null())
}

fn held_by(lease: &Lease) -> Condition {
    Condition::all()
        .add(jobs::Column::Id.eq(&lease.job))
        .add(jobs::Column::Epoch.eq(lease.epoch))
        .add(jobs::Column::Holder.eq(&lease.holder))
        .add(jobs::Column::State.eq(JobState::Running.as_str()))
}

fn claim_sql(kinds: usize, skip: &str) -> String {
    let kinds: Vec<String> = (5..5 + kinds).map(|number| format!("${number}")).collect();
    let kinds = kinds.join(", ");
    format!(
        "UPDATE jobs SET state = 'running', epoch = epoch + 1, attempts = attempts + 1, \
         holder = $1, lease_until = $2, heartbeat_at = $3, progress_at = $3, \
         started_at = COALESCE(started_at, $3) \
         WHERE id = (SELECT id FROM jobs WHERE state = 'queued' AND run_after <= $3 \
         AND executor = $4 AND kind IN ({kinds}) \
         ORDER BY priority DESC, id LIMIT 1 {skip}) RETURNING *"
    )
}
