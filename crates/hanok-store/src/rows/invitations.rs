//! Invitations to make an account. Knows hashes only.

use std::time::Duration;

use hanok_domain::id;
use hanok_domain::role::{MemberRole, UserRole};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};
use serde::Serialize;

use crate::entities::invitations::{ActiveModel, Column, Entity, Model};
use crate::{Page, StoreError, Tx};

/// An invitation.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Invitation {
    /// `inv_…`.
    pub id: String,
    /// For whom, if for somebody.
    pub email: Option<String>,
    /// What the account will be.
    pub role: UserRole,
    /// A project that it opens, and as what.
    pub project: Option<(String, MemberRole)>,
    /// Who invites.
    pub created_by: String,
    /// µs UTC.
    pub created_at: i64,
    /// µs UTC.
    pub expires_at: i64,
    /// µs UTC.
    pub used_at: Option<i64>,
    /// The account that it made.
    pub used_by: Option<String>,
    /// µs UTC.
    pub revoked_at: Option<i64>,
}

/// What a new invitation needs.
#[derive(Debug, Clone)]
pub struct NewInvitation {
    /// Hash of its token.
    pub hash: String,
    /// For whom, if for somebody.
    pub email: Option<String>,
    /// What the account will be.
    pub role: UserRole,
    /// A project that it opens, and as what.
    pub project: Option<(String, MemberRole)>,
    /// Who invites.
    pub created_by: String,
    /// From now on.
    pub lifetime: Duration,
}

/// Access to invitations.
pub struct Invitations<'t>(pub(crate) &'t Tx);

impl Invitations<'_> {
    /// Adds an invitation.
    pub async fn insert(&self, new: &NewInvitation) -> Result<Invitation, StoreError> {
        let now = self.0.now().await?;
        let project = new.project.as_ref();
        let model = Model {
            id: id::new(id::INVITATION),
            hash: new.hash.clone(),
            email: new.email.clone(),
            role: new.role.as_str().to_owned(),
            project_id: project.map(|(id, _)| id.clone()),
            project_role: project.map(|(_, role)| role.as_str().to_owned()),
            created_by: new.created_by.clone(),
            created_at: now,
            expires_at: now.saturating_add(super::micros(new.lifetime)),
            used_at: None,
            used_by: None,
            revoked_at: None,
        };
        self.0.insert(model.clone()).await?;
        Ok(model.into())
    }

    /// The invitation with this id.
    pub async fn get(&self, id: &str) -> Result<Option<Invitation>, StoreError> {
        let row = Entity::find_by_id(id).one(self.0.conn()).await?;
        Ok(row.map(Into::into))
    }

    /// The invitation with this token, as long as it can be used.
    pub async fn open(&self, hash: &str) -> Result<Option<Invitation>, StoreError> {
        let row = Entity::find()
            .filter(Column::Hash.eq(hash))
            .filter(Column::UsedAt.is_null())
            .filter(Column::RevokedAt.is_null())
            .filter(Column::ExpiresAt.gt(self.0.now().await?))
            .one(self.0.conn())
            .await?;
        Ok(row.map(Into::into))
    }

    /// Gives an invitation that is still open another token; says whether it is.
    pub async fn retoken(&self, id: &str, hash: &str) -> Result<bool, StoreError> {
        let row = ActiveModel {
            hash: Set(hash.to_owned()),
            ..Default::default()
        };
        self.change(id, row).await
    }

    /// Uses an open invitation up for this account; of two who try at once only one succeeds.
    pub async fn redeem(&self, id: &str, user: &str) -> Result<bool, StoreError> {
        let row = ActiveModel {
            used_at: Set(Some(self.0.now().await?)),
            used_by: Set(Some(user.to_owned())),
            ..Default::default()
        };
        self.change(id, row).await
    }

    /// Takes an open invitation back; says whether it was one.
    pub async fn revoke(&self, id: &str) -> Result<bool, StoreError> {
        let row = ActiveModel {
            revoked_at: Set(Some(self.0.now().await?)),
            ..Default::default()
        };
        self.change(id, row).await
    }

    async fn change(&self, id: &str, row: ActiveModel) -> Result<bool, StoreError> {
        let updated = Entity::update_many()
            .set(row)
            .filter(Column::Id.eq(id))
            .filter(Column::UsedAt.is_null())
            .filter(Column::RevokedAt.is_null())
            .filter(Column::ExpiresAt.gt(self.0.now().await?))
            .exec(self.0.conn())
            .await?;
        Ok(updated.rows_affected > 0)
    }

    /// All invitations, newest first.
    pub async fn list(&self, page: &Page) -> Result<Vec<Invitation>, StoreError> {
        let rows = page.apply(Entity::find(), Column::Id);
        let rows = rows.all(self.0.conn()).await?;
        Ok(rows.into_iter().map(Into::into).collect())
    }
}

impl From<Model> for Invitation {
    fn from(row: Model) -> Self {
        let role = row.project_role.as_deref().map(MemberRole::parse);
        Self {
            id: row.id,
            email: row.email,
            role: UserRole::parse(&row.role),
            project: row.project_id.zip(role),
            created_by: row.created_by,
            created_at: row.created_at,
            expires_at: row.expires_at,
            used_at: row.used_at,
            used_by: row.used_by,
            revoked_at: row.revoked_at,
        }
    }
}
