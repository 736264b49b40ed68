//! Who accounts are at providers of identities: by issuer and subject, never by address. Does not ask a
//! provider.

use hanok_domain::{id, role::UserRole};
use sea_orm::sea_query::{Expr, ExprTrait, Func};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
};
use serde::Serialize;

use crate::entities::{identities, users};
use crate::{StoreError, Tx};

/// An account's identity at a provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Identity {
    /// `idn_…`.
    pub id: String,
    /// Whose it is.
    pub user_id: String,
    /// The provider, as it calls itself.
    pub issuer: String,
    /// The person, as the provider calls them.
    pub subject: String,
    /// µs UTC.
    pub created_at: i64,
    /// µs UTC.
    pub last_used_at: Option<i64>,
}

/// Access to identities.
pub struct Identities<'t>(pub(crate) &'t Tx);

impl Identities<'_> {
    /// The identity with these names.
    pub async fn find(&self, issuer: &str, subject: &str) -> Result<Option<Identity>, StoreError> {
        let row = identities::Entity::find()
            .filter(identities::Column::Issuer.eq(issuer))
            .filter(identities::Column::Subject.eq(subject))
            .one(self.0.conn())
            .await?;
        Ok(row.map(Into::into))
    }

    /// Gives an account an identity; one that somebody has already is a conflict.
    pub async fn insert(
        &self,
        user: &str,
        issuer: &str,
        subject: &str,
    ) -> Result<Identity, StoreError> {
        let model = identities::Model {
            id: id::new(id::IDENTITY),
            user_id: user.to_owned(),
            issuer: issuer.to_owned(),
            subject: subject.to_owned(),
            created_at: self.0.now().await?,
            last_used_at: None,
        };
        self.0.insert(model.clone()).await?;
        Ok(model.into())
    }

    /// Notes that somebody signed in by it.
    pub async fn touch(&self, id: &str) -> Result<(), StoreError> {
        identities::Entity::update_many()
            .set(identities::ActiveModel {
                last_used_at: Set(Some(self.0.now().await?)),
                ..Default::default()
            })
            .filter(identities::Column::Id.eq(id))
            .exec(self.0.conn())
            .await?;
        Ok(())
    }

    /// The account's identities, oldest first.
    pub async fn of_user(&self, user: &str) -> Result<Vec<Identity>, StoreError> {
        let rows = identities::Entity::find()
            .filter(identities::Column::UserId.eq(user))
            .order_by_asc(identities::Column::Id)
            .all(self.0.conn())
            .await?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    /// Whether some account has this address, whatever its case.
    pub async fn address_taken(&self, email: &str) -> Result<bool, StoreError> {
        let lower = Func::lower(Expr::col(users::Column::Email));
        let count = users::Entity::find()
            .filter(Expr::expr(lower).eq(email.to_lowercase()))
            .count(self.0.conn())
            .await?;
        Ok(count > 0)
    }

    /// How many administrators could sign in, beside this account.
    pub async fn other_administrators(&self, user: &str) -> Result<u64, StoreError> {
        Ok(users::Entity::find()
            .filter(users::Column::Role.eq(UserRole::Admin.as_str()))
            .filter(users::Column::DisabledAt.is_null())
            .filter(users::Column::Id.ne(user))
            .count(self.0.conn())
            .await?)
    }
}

impl From<identities::Model> for Identity {
    fn from(row: identities::Model) -> Self {
        Self {
            id: row.id,
            user_id: row.user_id,
            issuer: row.issuer,
            subject: row.subject,
            created_at: row.created_at,
            last_used_at: row.last_used_at,
        }
    }
}
