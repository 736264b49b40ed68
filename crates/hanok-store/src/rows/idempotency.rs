//! Answers kept for repeated requests, by project, key and route. One table for every creating POST.

use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter,
    TryInsertResult,
};
use serde_json::Value;

use super::one;
use crate::entities::idempotency;
use crate::{StoreError, Tx, json};

/// The request that a client may repeat.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestKey {
    /// The project.
    pub project_id: String,
    /// `Idempotency-Key`.
    pub key: String,
    /// Method and path pattern.
    pub route: String,
    /// Hash of the body: the same key with another body is a mistake.
    pub request_hash: String,
}

/// What is known of a request.
#[derive(Debug, Clone, PartialEq)]
pub enum Seen {
    /// Nothing: go on, and [`Idempotency::finish`] in the same transaction.
    New,
    /// It was answered like this.
    Answered {
        /// HTTP status.
        status: u16,
        /// Body.
        response: Value,
    },
    /// It was begun and has no answer yet.
    Begun,
    /// The same key came with another body.
    Different,
}

/// Access to kept answers.
pub struct Idempotency<'t>(pub(crate) &'t Tx);

impl Idempotency<'_> {
    /// Claims the key, or tells what became of it. Of two transactions that claim the
    /// same key at once, the second waits for the first and then sees its answer.
    pub async fn begin(&self, request: &RequestKey) -> Result<Seen, StoreError> {
        let row = idempotency::Model {
            project_id: request.project_id.clone(),
            key: request.key.clone(),
            route: request.route.clone(),
            request_hash: request.request_hash.clone(),
            status: None,
            response: None,
            created_at: self.0.now().await?,
        };
        let inserted = idempotency::Entity::insert(row.into_active_model().reset_all())
            .on_conflict_do_nothing()
            .exec_without_returning(self.0.conn())
            .await?;
        if let TryInsertResult::Inserted(1) = inserted {
            return Ok(Seen::New);
        }
        let key = (
            request.project_id.clone(),
            request.key.clone(),
            request.route.clone(),
        );
        let found = idempotency::Entity::find_by_id(key)
            .one(self.0.conn())
            .await?;
        let Some(found) = found else {
            // Removed between the two statements: as good as never seen.
            return Err(StoreError::Conflict("the idempotency key expired".into()));
        };
        if found.request_hash != request.request_hash {
            return Ok(Seen::Different);
        }
        Ok(match (found.status, found.response) {
            (Some(status), Some(response)) => Seen::Answered {
                status: u16::try_from(status).unwrap_or(500),
                response: json::read(&response, "idempotency.response"),
            },
            _ => Seen::Begun,
        })
    }

    /// Keeps the answer.
    pub async fn finish(
        &self,
        request: &RequestKey,
        status: u16,
        response: &Value,
    ) -> Result<(), StoreError> {
        let answer = idempotency::ActiveModel {
            status: Set(Some(i64::from(status))),
            response: Set(Some(response.to_string())),
            ..Default::default()
        };
        let updated = idempotency::Entity::update_many()
            .set(answer)
            .filter(idempotency::Column::ProjectId.eq(&request.project_id))
            .filter(idempotency::Column::Key.eq(&request.key))
            .filter(idempotency::Column::Route.eq(&request.route))
            .exec(self.0.conn())
            .await?;
        one(updated.rows_affected, "idempotency key", &request.key)
    }

    /// Forgets what is older than this time (µs UTC); says how many.
    pub async fn forget_before(&self, time: i64) -> Result<u64, StoreError> {
        let deleted = idempotency::Entity::delete_many()
            .filter(idempotency::Column::CreatedAt.lt(time))
            .exec(self.0.conn())
            .await?;
        Ok(deleted.rows_affected)
    }
}
