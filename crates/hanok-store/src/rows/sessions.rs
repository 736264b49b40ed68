//! Sessions of signed-in people. Knows token hashes only.

use std::time::Duration;

use hanok_domain::id;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use serde::Serialize;

use crate::entities::sessions;
use crate::{StoreError, Tx};

/// A session.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Session {
    /// `sess_…`.
    pub id: String,
    /// Whose it is.
    pub user_id: String,
    /// µs UTC.
    pub created_at: i64,
    /// µs UTC.
    pub last_seen_at: i64,
    /// µs UTC.
    pub expires_at: i64,
    /// The browser, as it calls itself.
    pub user_agent: String,
    /// Address it was opened from.
    pub address: String,
    /// How it began: `password`, `secret`, `oidc`.
    pub method: String,
}

/// What a new session needs.
#[derive(Debug, Clone)]
pub struct NewSession {
    /// Whose it is.
    pub user_id: String,
    /// Hash of the token.
    pub token_hash: String,
    /// From now on.
    pub lifetime: Duration,
    /// The browser, as it calls itself.
    pub user_agent: String,
    /// Address it was opened from.
    pub address: String,
    /// How it begins: `password`, `secret`, `oidc`.
    pub method: String,
}

/// Access to sessions.
pub struct Sessions<'t>(pub(crate) &'t Tx);

impl Sessions<'_> {
    /// Adds a session.
    pub async fn insert(&self, new: &NewSession) -> Result<Session, StoreError> {
        let now = self.0.now().await?;
        let model = sessions::Model {
            id: id::new(id::SESSION),
            user_id: new.user_id.clone(),
            token_hash: new.token_hash.clone(),
            created_at: now,
            last_seen_at: now,
            expires_at: now.saturating_add(crate::rows::micros(new.lifetime)),
            revoked_at: None,
            user_agent: new.user_agent.clone(),
            address: new.address.clone(),
            method: Some(new.method.clone()),
            project_id: None,
        };
        self.0.insert(model.clone()).await?;
        Ok(model.into())
    }

    /// The session with this token hash, if neither revoked nor expired.
    pub async fn by_token(&self, token_hash: &str) -> Result<Option<Session>, StoreError> {
        let row = sessions::Entity::find()
            .filter(sessions::Column::TokenHash.eq(token_hash))
            .filter(sessions::Column::RevokedAt.is_null())
            .filter(sessions::Column::ExpiresAt.gt(self.0.now().await?))
            .one(self.0.conn())
            .await?;
        Ok(row.map(Into::into))
    }

    /// The session with this id, if neither revoked nor expired.
    pub async fn open(&self, id: &str) -> Result<Option<Session>, StoreError> {
        let row = sessions::Entity::find_by_id(id)
            .filter(sessions::Column::RevokedAt.is_null())
            .filter(sessions::Column::ExpiresAt.gt(self.0.now().await?))
            .one(self.0.conn())
            .await?;
        Ok(row.map(Into::into))
    }

    /// The account's open sessions, newest first.
    pub async fn of_user(&self, user: &str) -> Result<Vec<Session>, StoreError> {
        let rows = sessions::Entity::find()
            .filter(sessions::Column::UserId.eq(user))
            .filter(sessions::Column::RevokedAt.is_null())
            .filter(sessions::Column::ExpiresAt.gt(self.0.now().await?))
            .order_by_desc(sessions::Column::Id)
            .all(self.0.conn())
            .await?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    /// The session with this id, if neither revoked nor expired.
    pub async fn get(&self, id: &str) -> Result<Option<Session>, StoreError> {
        let row = sessions::Entity::find_by_id(id)
            .filter(sessions::Column::RevokedAt.is_null())
            .filter(sessions::Column::ExpiresAt.gt(self.0.now().await?))
            .one(self.0.conn())
            .await?;
        Ok(row.map(Into::into))
    }

    /// Notes that the session was used.
    pub async fn touch(&self, id: &str) -> Result<(), StoreError> {
        let seen = sessions::ActiveModel {
            last_seen_at: Set(self.0.now().await?),
            ..Default::default()
        };
        sessions::Entity::update_many()
            .set(seen)
            .filter(sessions::Column::Id.eq(id))
            .exec(self.0.conn())
            .await?;
        Ok(())
    }

    /// Has the session be in this project from now on.
    pub async fn enter(&self, id: &str, project: &str) -> Result<(), StoreError> {
        let entered = sessions::ActiveModel {
            project_id: Set(Some(project.to_owned())),
            ..Default::default()
        };
        sessions::Entity::update_many()
            .set(entered)
            .filter(sessions::Column::Id.eq(id))
            .exec(self.0.conn())
            .await?;
        Ok(())
    }

    /// Ends a session of this account; says whether it was open.
    pub async fn revoke(&self, user: &str, id: &str) -> Result<bool, StoreError> {
        let query = sessions::Entity::update_many().filter(sessions::Column::Id.eq(id));
        Ok(self.end(query, user).await? > 0)
    }

    /// Ends all sessions of this account; says how many were open.
    pub async fn revoke_all(&self, user: &str) -> Result<u64, StoreError> {
        self.end(sessions::Entity::update_many(), user).await
    }

    /// Ends all sessions of this account but one; says how many were open.
    pub async fn revoke_others(&self, user: &str, kept: &str) -> Result<u64, StoreError> {
        let query = sessions::Entity::update_many().filter(sessions::Column::Id.ne(kept));
        self.end(query, user).await
    }

    async fn end(
        &self,
        query: sea_orm::UpdateMany<sessions::Entity>,
        user: &str,
    ) -> Result<u64, StoreError> {
        let ended = sessions::ActiveModel {
            revoked_at: Set(Some(self.0.now().await?)),
            ..Default::default()
        };
        let updated = query
            .set(ended)
            .filter(sessions::Column::UserId.eq(user))
            .filter(sessions::Column::RevokedAt.is_null())
            .exec(self.0.conn())
            .await?;
        self.0.notify("", &crate::rows::account_topic(user));
        Ok(updated.rows_affected)
    }
}

impl From<sessions::Model> for Session {
    fn from(row: sessions::Model) -> Self {
        Self {
            id: row.id,
            user_id: row.user_id,
            created_at: row.created_at,
            last_seen_at: row.last_seen_at,
            expires_at: row.expires_at,
            user_agent: row.user_agent,
            address: row.address,
            method: row.method.unwrap_or_default(),
        }
    }
}
