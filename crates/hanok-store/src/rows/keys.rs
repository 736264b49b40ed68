//! API keys, each bound to one project. Knows hashes only.

use std::time::Duration;

use hanok_domain::{id, limits::KeyLimits};
use sea_orm::{ActiveValue::Set, ColumnTrait, Condition, EntityTrait, QueryFilter};
use serde::Serialize;

use crate::entities::api_keys;
use crate::{Page, StoreError, Tx, json};

/// An API key.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ApiKey {
    /// `key_…`.
    pub id: String,
    /// The one project that it opens.
    pub project_id: String,
    /// Who made it.
    pub user_id: String,
    /// As people see it.
    pub name: String,
    /// The first characters of the key, to tell keys apart.
    pub prefix: String,
    /// What it may be used for; nothing, if the column is damaged.
    pub scopes: Vec<String>,
    /// What it may use up.
    pub limits: KeyLimits,
    /// µs UTC.
    pub created_at: i64,
    /// µs UTC.
    pub last_used_at: Option<i64>,
    /// Address that it was last used from.
    pub last_used_from: Option<String>,
    /// µs UTC.
    pub expires_at: Option<i64>,
    /// µs UTC.
    pub revoked_at: Option<i64>,
}

/// What a new key needs.
#[derive(Debug, Clone)]
pub struct NewKey {
    /// The one project that it opens.
    pub project_id: String,
    /// Who makes it.
    pub user_id: String,
    /// As people see it.
    pub name: String,
    /// The first characters of the key.
    pub prefix: String,
    /// Hash of the key.
    pub hash: String,
    /// What it may be used for.
    pub scopes: Vec<String>,
    /// What it may use up.
    pub limits: KeyLimits,
    /// From now on; for ever if absent.
    pub lifetime: Option<Duration>,
}

/// Access to API keys.
pub struct Keys<'t>(pub(crate) &'t Tx);

impl Keys<'_> {
    /// Adds a key.
    pub async fn insert(&self, new: &NewKey) -> Result<ApiKey, StoreError> {
        let now = self.0.now().await?;
        let model = api_keys::Model {
            id: id::new(id::KEY),
            project_id: new.project_id.clone(),
            user_id: new.user_id.clone(),
            name: new.name.clone(),
            prefix: new.prefix.clone(),
            hash: new.hash.clone(),
            scopes: serde_json::json!(new.scopes).to_string(),
            created_at: now,
            last_used_at: None,
            expires_at: new
                .lifetime
                .map(|lifetime| now.saturating_add(crate::rows::micros(lifetime))),
            revoked_at: None,
            limits: new
                .limits
                .any()
                .then(|| serde_json::json!(new.limits).to_string()),
            last_used_from: None,
        };
        self.0.insert(model.clone()).await?;
        Ok(model.into())
    }

    /// The project's key with this id, revoked or not.
    pub async fn get(&self, project: &str, id: &str) -> Result<Option<ApiKey>, StoreError> {
        let row = api_keys::Entity::find_by_id(id)
            .filter(api_keys::Column::ProjectId.eq(project))
            .one(self.0.conn())
            .await?;
        Ok(row.map(Into::into))
    }

    /// The project's keys, newest first.
    pub async fn list(&self, project: &str, page: &Page) -> Result<Vec<ApiKey>, StoreError> {
        let query = api_keys::Entity::find().filter(api_keys::Column::ProjectId.eq(project));
        let rows = page
            .apply(query, api_keys::Column::Id)
            .all(self.0.conn())
            .await?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    /// The keys of all projects, newest first.
    pub async fn list_all(&self, page: &Page) -> Result<Vec<ApiKey>, StoreError> {
        let rows = page
            .apply(api_keys::Entity::find(), api_keys::Column::Id)
            .all(self.0.conn())
            .await?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    /// The key with this id, whosever it is: for administrators.
    pub async fn by_id(&self, id: &str) -> Result<Option<ApiKey>, StoreError> {
        let row = api_keys::Entity::find_by_id(id).one(self.0.conn()).await?;
        Ok(row.map(Into::into))
    }

    /// Notes that the key was used, and from where.
    pub async fn touch(&self, id: &str, address: &str) -> Result<(), StoreError> {
        let used = api_keys::ActiveModel {
            last_used_at: Set(Some(self.0.now().await?)),
            last_used_from: Set(Some(address.to_owned())),
            ..Default::default()
        };
        api_keys::Entity::update_many()
            .set(used)
            .filter(api_keys::Column::Id.eq(id))
            .exec(self.0.conn())
            .await?;
        Ok(())
    }

    /// Has a key end so much from now on, unless it ends sooner anyway.
    pub async fn end_after(&self, id: &str, grace: Duration) -> Result<(), StoreError> {
        let end = self
            .0
            .now()
            .await?
            .saturating_add(crate::rows::micros(grace));
        let ending = api_keys::ActiveModel {
            expires_at: Set(Some(end)),
            ..Default::default()
        };
        api_keys::Entity::update_many()
            .set(ending)
            .filter(api_keys::Column::Id.eq(id))
            .filter(
                Condition::any()
                    .add(api_keys::Column::ExpiresAt.is_null())
                    .add(api_keys::Column::ExpiresAt.gt(end)),
            )
            .exec(self.0.conn())
            .await?;
        Ok(())
    }

    /// Revokes all keys of an account in a project; says how many were valid.
    pub async fn revoke_of(&self, project: &str, user: &str) -> Result<u64, StoreError> {
        let revoked = api_keys::ActiveModel {
            revoked_at: Set(Some(self.0.now().await?)),
            ..Default::default()
        };
        let updated = api_keys::Entity::update_many()
            .set(revoked)
            .filter(api_keys::Column::ProjectId.eq(project))
            .filter(api_keys::Column::UserId.eq(user))
            .filter(api_keys::Column::RevokedAt.is_null())
            .exec(self.0.conn())
            .await?;
        Ok(updated.rows_affected)
    }

    /// Revokes a key for good; says whether it was valid until now.
    pub async fn revoke(&self, project: &str, id: &str) -> Result<bool, StoreError> {
        let revoked = api_keys::ActiveModel {
            revoked_at: Set(Some(self.0.now().await?)),
            ..Default::default()
        };
        let updated = api_keys::Entity::update_many()
            .set(revoked)
            .filter(api_keys::Column::Id.eq(id))
            .filter(api_keys::Column::ProjectId.eq(project))
            .filter(api_keys::Column::RevokedAt.is_null())
            .exec(self.0.conn())
            .await?;
        self.0.notify("", &crate::rows::account_topic(id));
        Ok(updated.rows_affected > 0)
    }

    /// Revokes every key that this account made; says how many were valid until now.
    pub async fn revoke_all(&self, user: &str) -> Result<u64, StoreError> {
        let revoked = api_keys::ActiveModel {
            revoked_at: Set(Some(self.0.now().await?)),
            ..Default::default()
        };
        let updated = api_keys::Entity::update_many()
            .set(revoked)
            .filter(api_keys::Column::UserId.eq(user))
            .filter(api_keys::Column::RevokedAt.is_null())
            .exec(self.0.conn())
            .await?;
        self.0.notify("", &crate::rows::account_topic(user));
        Ok(updated.rows_affected)
    }
}

impl From<api_keys::Model> for ApiKey {
    fn from(row: api_keys::Model) -> Self {
        Self {
            id: row.id,
            project_id: row.project_id,
            user_id: row.user_id,
            name: row.name,
            prefix: row.prefix,
            scopes: serde_json::from_value(json::read(&row.scopes, "api_keys.scopes"))
                .unwrap_or_default(),
            limits: KeyLimits::stored(row.limits.as_deref()),
            created_at: row.created_at,
            last_used_at: row.last_used_at,
            last_used_from: row.last_used_from,
            expires_at: row.expires_at,
            revoked_at: row.revoked_at,
        }
    }
}
