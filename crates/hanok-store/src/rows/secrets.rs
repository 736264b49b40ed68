//! One-time secrets (first sign-in, password reset). Knows hashes only.

use std::time::Duration;

use hanok_domain::id;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};
use serde::Serialize;

use crate::entities::one_time_secrets;
use crate::{StoreError, Tx};

/// A one-time secret.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct OneTimeSecret {
    /// `otp_…`.
    pub id: String,
    /// What it lets one do.
    pub purpose: String,
    /// Whose it is.
    pub user_id: String,
    /// µs UTC.
    pub created_at: i64,
    /// µs UTC.
    pub expires_at: i64,
}

/// What a new one-time secret needs.
#[derive(Debug, Clone)]
pub struct NewSecret {
    /// What it lets one do.
    pub purpose: String,
    /// Hash of the secret.
    pub hash: String,
    /// Whose it is.
    pub user_id: String,
    /// From now on.
    pub lifetime: Duration,
}

/// Access to one-time secrets.
pub struct Secrets<'t>(pub(crate) &'t Tx);

impl Secrets<'_> {
    /// Adds a secret.
    pub async fn insert(&self, new: &NewSecret) -> Result<OneTimeSecret, StoreError> {
        let now = self.0.now().await?;
        let model = one_time_secrets::Model {
            id: id::new(id::SECRET),
            purpose: new.purpose.clone(),
            hash: new.hash.clone(),
            user_id: new.user_id.clone(),
            created_at: now,
            expires_at: now.saturating_add(crate::rows::micros(new.lifetime)),
            used_at: None,
        };
        self.0.insert(model.clone()).await?;
        Ok(model.into())
    }

    /// Uses the secret up and returns it; nothing if unknown, used or expired.
    pub async fn redeem(
        &self,
        purpose: &str,
        hash: &str,
    ) -> Result<Option<OneTimeSecret>, StoreError> {
        let now = self.0.now().await?;
        // The update decides, so that of two who try at once only one succeeds.
        let updated = one_time_secrets::Entity::update_many()
            .set(one_time_secrets::ActiveModel {
                used_at: Set(Some(now)),
                ..Default::default()
            })
            .filter(one_time_secrets::Column::Hash.eq(hash))
            .filter(one_time_secrets::Column::Purpose.eq(purpose))
            .filter(one_time_secrets::Column::UsedAt.is_null())
            .filter(one_time_secrets::Column::ExpiresAt.gt(now))
            .exec(self.0.conn())
            .await?;
        if updated.rows_affected == 0 {
            return Ok(None);
        }
        let row = one_time_secrets::Entity::find()
            .filter(one_time_secrets::Column::Hash.eq(hash))
            .one(self.0.conn())
            .await?;
        Ok(row.map(Into::into))
    }

    /// The secret as long as it can be used, unused; for a page that asks before it does.
    pub async fn peek(
        &self,
        purpose: &str,
        hash: &str,
    ) -> Result<Option<OneTimeSecret>, StoreError> {
        let row = one_time_secrets::Entity::find()
            .filter(one_time_secrets::Column::Hash.eq(hash))
            .filter(one_time_secrets::Column::Purpose.eq(purpose))
            .filter(one_time_secrets::Column::UsedAt.is_null())
            .filter(one_time_secrets::Column::ExpiresAt.gt(self.0.now().await?))
            .one(self.0.conn())
            .await?;
        Ok(row.map(Into::into))
    }

    /// Drops the unused secrets of this purpose and account; a newer one replaces them.
    pub async fn discard(&self, purpose: &str, user: &str) -> Result<(), StoreError> {
        one_time_secrets::Entity::delete_many()
            .filter(one_time_secrets::Column::Purpose.eq(purpose))
            .filter(one_time_secrets::Column::UserId.eq(user))
            .filter(one_time_secrets::Column::UsedAt.is_null())
            .exec(self.0.conn())
            .await?;
        Ok(())
    }
}

impl From<one_time_secrets::Model> for OneTimeSecret {
    fn from(row: one_time_secrets::Model) -> Self {
        Self {
            id: row.id,
            purpose: row.purpose,
            user_id: row.user_id,
            created_at: row.created_at,
            expires_at: row.expires_at,
        }
    }
}
