//! Refresh tokens: each is good once and leads to the next one of its session. Knows hashes only.

use std::time::Duration;

use hanok_domain::id;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};

use crate::entities::refresh_tokens;
use crate::{StoreError, Tx};

/// A refresh token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefreshToken {
    /// `rft_…`.
    pub id: String,
    /// The session, which is the family of all that follow one another.
    pub session_id: String,
    /// Whose it is.
    pub user_id: String,
    /// The project that its access tokens are for.
    pub project_id: String,
    /// µs UTC.
    pub expires_at: i64,
    /// When it was used up.
    pub used_at: Option<i64>,
}

/// What a new refresh token needs.
#[derive(Debug, Clone)]
pub struct NewRefreshToken {
    /// The session.
    pub session_id: String,
    /// Whose it is.
    pub user_id: String,
    /// The project that its access tokens are for.
    pub project_id: String,
    /// Hash of the token.
    pub hash: String,
    /// From now on.
    pub lifetime: Duration,
}

/// Access to refresh tokens.
pub struct RefreshTokens<'t>(pub(crate) &'t Tx);

impl RefreshTokens<'_> {
    /// Adds a token.
    pub async fn insert(&self, new: &NewRefreshToken) -> Result<RefreshToken, StoreError> {
        let now = self.0.now().await?;
        let new = new.clone();
        let model = refresh_tokens::Model {
            id: id::new(id::REFRESH_TOKEN),
            session_id: new.session_id,
            user_id: new.user_id,
            project_id: new.project_id,
            hash: new.hash,
            created_at: now,
            expires_at: now.saturating_add(crate::rows::micros(new.lifetime)),
            used_at: None,
        };
        self.0.insert(model.clone()).await?;
        Ok(model.into())
    }

    /// The token with this hash, whatever became of it.
    pub async fn by_hash(&self, hash: &str) -> Result<Option<RefreshToken>, StoreError> {
        let row = refresh_tokens::Entity::find()
            .filter(refresh_tokens::Column::Hash.eq(hash))
            .one(self.0.conn())
            .await?;
        Ok(row.map(Into::into))
    }

    /// Uses the token up; of two who try at once only one hears yes.
    pub async fn use_up(&self, id: &str) -> Result<bool, StoreError> {
        let updated = refresh_tokens::Entity::update_many()
            .set(refresh_tokens::ActiveModel {
                used_at: Set(Some(self.0.now().await?)),
                ..Default::default()
            })
            .filter(refresh_tokens::Column::Id.eq(id))
            .filter(refresh_tokens::Column::UsedAt.is_null())
            .exec(self.0.conn())
            .await?;
        Ok(updated.rows_affected > 0)
    }
}

impl From<refresh_tokens::Model> for RefreshToken {
    fn from(row: refresh_tokens::Model) -> Self {
        Self {
            id: row.id,
            session_id: row.session_id,
            user_id: row.user_id,
            project_id: row.project_id,
            expires_at: row.expires_at,
            used_at: row.used_at,
        }
    }
}
