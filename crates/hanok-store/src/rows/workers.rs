//! Workers that registered. Does not start or stop them.

use hanok_domain::id;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use serde::Serialize;

use super::one;
use crate::entities::workers;
use crate::{StoreError, Tx};

/// A worker.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Worker {
    /// `wkr_…`.
    pub id: String,
    /// For example `jobs` or `hosting`.
    pub kind: String,
    /// Where it can be reached.
    pub address: String,
    /// Its process.
    pub pid: i64,
    /// Its version of Hanok.
    pub version: String,
    /// As it calls it, for example `idle` or `busy`.
    pub state: String,
    /// Threads that it may compute with.
    pub threads: i64,
    /// Bytes of memory that it may use.
    pub memory: i64,
    /// µs UTC.
    pub registered_at: i64,
    /// µs UTC.
    pub heartbeat_at: i64,
}

/// What a worker says of itself when it registers.
#[derive(Debug, Clone)]
pub struct NewWorker {
    /// Its id, if it registered before; else it gets one.
    pub id: Option<String>,
    /// For example `jobs` or `hosting`.
    pub kind: String,
    /// Where it can be reached.
    pub address: String,
    /// Its process.
    pub pid: i64,
    /// Its version of Hanok.
    pub version: String,
    /// For example `idle`.
    pub state: String,
    /// Threads that it may compute with.
    pub threads: i64,
    /// Bytes of memory that it may use.
    pub memory: i64,
}

/// Access to workers.
pub struct Workers<'t>(pub(crate) &'t Tx);

impl Workers<'_> {
    /// Registers a worker, or registers it again.
    pub async fn register(&self, new: &NewWorker) -> Result<Worker, StoreError> {
        let now = self.0.now().await?;
        let id = new.id.clone().unwrap_or_else(|| id::new(id::WORKER));
        workers::Entity::delete_by_id(id.clone())
            .exec(self.0.conn())
            .await?;
        let model = workers::Model {
            id,
            kind: new.kind.clone(),
            address: new.address.clone(),
            pid: new.pid,
            version: new.version.clone(),
            state: new.state.clone(),
            threads: new.threads,
            memory: new.memory,
            registered_at: now,
            heartbeat_at: self.0.steady().await?,
        };
        self.0.insert(model.clone()).await?;
        Ok(model.into())
    }

    /// Notes a sign of life and the state that came with it.
    pub async fn heartbeat(&self, id: &str, state: &str) -> Result<(), StoreError> {
        let alive = workers::ActiveModel {
            state: Set(state.to_owned()),
            heartbeat_at: Set(self.0.steady().await?),
            ..Default::default()
        };
        let updated = workers::Entity::update_many()
            .set(alive)
            .filter(workers::Column::Id.eq(id))
            .exec(self.0.conn())
            .await?;
        one(updated.rows_affected, "worker", id)
    }

    /// The worker with this id.
    pub async fn get(&self, id: &str) -> Result<Option<Worker>, StoreError> {
        let row = workers::Entity::find_by_id(id).one(self.0.conn()).await?;
        Ok(row.map(Into::into))
    }

    /// All workers, oldest first.
    pub async fn list(&self) -> Result<Vec<Worker>, StoreError> {
        let rows = workers::Entity::find()
            .order_by_asc(workers::Column::Id)
            .all(self.0.conn())
            .await?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    /// Removes a worker; says whether it was there.
    pub async fn remove(&self, id: &str) -> Result<bool, StoreError> {
        let deleted = workers::Entity::delete_by_id(id)
            .exec(self.0.conn())
            .await?;
        Ok(deleted.rows_affected > 0)
    }
}

impl From<workers::Model> for Worker {
    fn from(row: workers::Model) -> Self {
        Self {
            id: row.id,
            kind: row.kind,
            address: row.address,
            pid: row.pid,
            version: row.version,
            state: row.state,
            threads: row.threads,
            memory: row.memory,
            registered_at: row.registered_at,
            heartbeat_at: row.heartbeat_at,
        }
    }
}
