//! Accounts. Does not hash or check passwords.

use hanok_domain::{id, role::UserRole};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
};
use serde::Serialize;

use crate::entities::users;
use crate::redacted::Redacted;
use crate::{StoreError, Tx};

/// An account.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct User {
    /// `user_…`.
    pub id: String,
    /// Name to sign in with; unique.
    pub name: String,
    /// Unique where given.
    pub email: Option<String>,
    /// What the account is.
    pub role: UserRole,
    /// Hash of the password, if one is set.
    #[serde(skip)]
    pub password_hash: Option<Redacted>,
    /// µs UTC.
    pub created_at: i64,
    /// Since when it may not sign in any more.
    pub disabled_at: Option<i64>,
}

/// What a new account needs.
#[derive(Debug, Clone)]
pub struct NewUser {
    /// Name to sign in with.
    pub name: String,
    /// Unique where given.
    pub email: Option<String>,
    /// What the account is.
    pub role: UserRole,
    /// Hash of the password, if one is set.
    pub password_hash: Option<Redacted>,
}

/// What to change of an account; the rest stays.
#[derive(Debug, Clone, Default)]
pub struct UserChange {
    /// New hash of a password.
    pub password_hash: Option<Redacted>,
    /// New role.
    pub role: Option<UserRole>,
    /// Disable or enable.
    pub disabled: Option<bool>,
}

/// Access to accounts.
pub struct Users<'t>(pub(crate) &'t Tx);

impl Users<'_> {
    /// Adds an account; a name or address that is taken is a conflict.
    pub async fn insert(&self, new: &NewUser) -> Result<User, StoreError> {
        let model = users::Model {
            id: id::new(id::USER),
            name: new.name.clone(),
            email: new.email.clone(),
            role: new.role.as_str().to_owned(),
            password_hash: new.password_hash.as_ref().map(|h| h.expose().to_owned()),
            created_at: self.0.now().await?,
            disabled_at: None,
        };
        self.0.insert(model.clone()).await?;
        Ok(model.into())
    }

    /// The account with this id.
    pub async fn get(&self, id: &str) -> Result<Option<User>, StoreError> {
        let row = users::Entity::find_by_id(id).one(self.0.conn()).await?;
        Ok(row.map(Into::into))
    }

    /// The account with this name.
    pub async fn by_name(&self, name: &str) -> Result<Option<User>, StoreError> {
        let row = users::Entity::find()
            .filter(users::Column::Name.eq(name))
            .one(self.0.conn())
            .await?;
        Ok(row.map(Into::into))
    }

    /// All accounts, oldest first.
    pub async fn list(&self) -> Result<Vec<User>, StoreError> {
        let rows = users::Entity::find()
            .order_by_asc(users::Column::Id)
            .all(self.0.conn())
            .await?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    /// How many accounts there are; none means a fresh installation.
    pub async fn count(&self) -> Result<u64, StoreError> {
        Ok(users::Entity::find().count(self.0.conn()).await?)
    }

    /// Changes an account.
    pub async fn update(&self, id: &str, change: &UserChange) -> Result<(), StoreError> {
        let mut row = users::ActiveModel {
            id: Set(id.to_owned()),
            ..Default::default()
        };
        if let Some(hash) = &change.password_hash {
            row.password_hash = Set(Some(hash.expose().to_owned()));
        }
        if let Some(role) = &change.role {
            row.role = Set(role.as_str().to_owned());
        }
        if let Some(disabled) = change.disabled {
            let now = self.0.now().await?;
            row.disabled_at = Set(disabled.then_some(now));
        }
        let updated = users::Entity::update_many()
            .set(row)
            .filter(users::Column::Id.eq(id))
            .exec(self.0.conn())
            .await?;
        crate::rows::one(updated.rows_affected, "user", id)
    }
}

impl From<users::Model> for User {
    fn from(row: users::Model) -> Self {
        Self {
            id: row.id,
            name: row.name,
            email: row.email,
            role: UserRole::parse(&row.role),
            password_hash: row.password_hash.map(Redacted::new),
            created_at: row.created_at,
            disabled_at: row.disabled_at,
        }
    }
}
