//! Accounts. Does not hash or check passwords.

use std::time::Duration;

use hanok_domain::{id, role::UserRole};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect,
};
use serde::Serialize;

use crate::entities::users;
use crate::redacted::Redacted;
use crate::{StoreError, Tx};

mod search;

pub use search::{UserFilter, UserState};

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
    /// What must happen before it may sign in: `verification` of its address, `approval` by an administrator.
    pub waits_for: Option<String>,
    /// Since when it is gone; the row stays for what refers to it.
    pub deleted_at: Option<i64>,
}

impl User {
    /// Whether it may sign in at all.
    pub fn is_open(&self) -> bool {
        self.disabled_at.is_none() && self.waits_for.is_none() && self.deleted_at.is_none()
    }
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
    /// New name.
    pub name: Option<String>,
    /// New address.
    pub email: Option<String>,
    /// What it waits for now, if for anything.
    pub waits_for: Option<Option<String>>,
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
            waits_for: None,
            deleted_at: None,
            totp_secret: None,
            totp_confirmed_at: None,
            totp_last_step: None,
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

    /// The account with this address.
    pub async fn by_email(&self, email: &str) -> Result<Option<User>, StoreError> {
        let row = users::Entity::find()
            .filter(users::Column::Email.eq(email))
            .one(self.0.conn())
            .await?;
        Ok(row.map(Into::into))
    }

    /// The administrators who may sign in, locked until the end of the transaction, so that two who each
    /// take away the other are told apart.
    pub async fn lock_administrators(&self) -> Result<Vec<User>, StoreError> {
        let mut query = users::Entity::find()
            .filter(users::Column::Role.eq(UserRole::Admin.as_str()))
            .filter(users::Column::DisabledAt.is_null())
            .order_by_asc(users::Column::Id);
        if self.0.is_postgres() {
            query = query.lock_exclusive();
        }
        let rows = query.all(self.0.conn()).await?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    /// All administrators that were not deleted, oldest first.
    pub async fn list_administrators(&self) -> Result<Vec<User>, StoreError> {
        let rows = users::Entity::find()
            .filter(users::Column::Role.eq(UserRole::Admin.as_str()))
            .filter(users::Column::DeletedAt.is_null())
            .order_by_asc(users::Column::Id)
            .all(self.0.conn())
            .await?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    /// Makes the account nobody's: name, address and password are gone, the row stays.
    pub async fn erase(&self, id: &str) -> Result<(), StoreError> {
        let now = self.0.now().await?;
        let row = users::ActiveModel {
            name: Set(format!("deleted:{id}")),
            email: Set(None),
            password_hash: Set(None),
            disabled_at: Set(Some(now)),
            deleted_at: Set(Some(now)),
            ..Default::default()
        };
        let updated = users::Entity::update_many()
            .set(row)
            .filter(users::Column::Id.eq(id))
            .exec(self.0.conn())
            .await?;
        crate::rows::one(updated.rows_affected, "user", id)
    }

    /// Accounts that have not verified their address within this time.
    pub async fn unverified_for(&self, age: Duration) -> Result<Vec<User>, StoreError> {
        let past = self.0.now().await?.saturating_sub(crate::rows::micros(age));
        let rows = users::Entity::find()
            .filter(users::Column::WaitsFor.eq("verification"))
            .filter(users::Column::DeletedAt.is_null())
            .filter(users::Column::CreatedAt.lt(past))
            .limit(1000)
            .all(self.0.conn())
            .await?;
        Ok(rows.into_iter().map(Into::into).collect())
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
        if let Some(name) = &change.name {
            row.name = Set(name.clone());
        }
        if let Some(email) = &change.email {
            row.email = Set(Some(email.clone()));
        }
        if let Some(step) = &change.waits_for {
            row.waits_for = Set(step.clone());
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
            waits_for: row.waits_for,
            deleted_at: row.deleted_at,
        }
    }
}
