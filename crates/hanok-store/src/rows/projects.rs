//! Projects, which own everything, and their members. Does not decide what a role permits.

mod end;

use hanok_domain::{id, role::MemberRole};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::Serialize;

use crate::entities::{members, projects};
use crate::redacted::Redacted;
use crate::{StoreError, Tx};

/// A project.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Project {
    /// `proj_…`.
    pub id: String,
    /// As people see it.
    pub name: String,
    /// `personal` or `team`.
    pub kind: String,
    /// Key under which the project's objects are addressed, 32 bytes in hex.
    #[serde(skip)]
    pub object_key: Redacted,
    /// µs UTC.
    pub created_at: i64,
    /// When it was put into the bin, µs UTC.
    pub deleted_at: Option<i64>,
    /// From when on it may be erased, µs UTC.
    pub purge_after: Option<i64>,
}

/// A member of a project.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Member {
    /// The project.
    pub project_id: String,
    /// The account.
    pub user_id: String,
    /// What the member may do.
    pub role: MemberRole,
}

/// What a new project needs; its object key is drawn at random.
#[derive(Debug, Clone)]
pub struct NewProject {
    /// As people see it.
    pub name: String,
    /// `personal` or `team`.
    pub kind: String,
}

/// Access to projects and members.
pub struct Projects<'t>(pub(crate) &'t Tx);

impl Projects<'_> {
    /// Adds a project.
    pub async fn insert(&self, new: &NewProject) -> Result<Project, StoreError> {
        let model = projects::Model {
            id: id::new(id::PROJECT),
            name: new.name.clone(),
            kind: new.kind.clone(),
            object_key: random_hex(),
            created_at: self.0.now().await?,
            deleted_at: None,
            purge_after: None,
        };
        self.0.insert(model.clone()).await?;
        Ok(model.into())
    }

    /// The project with this id.
    pub async fn get(&self, id: &str) -> Result<Option<Project>, StoreError> {
        let row = projects::Entity::find_by_id(id).one(self.0.conn()).await?;
        Ok(row.map(Into::into))
    }

    /// Has other transactions that lock this project wait for the end of this one.
    pub async fn lock(&self, id: &str) -> Result<(), StoreError> {
        // SQLite lets nobody else write meanwhile in any case.
        if self.0.is_postgres() {
            projects::Entity::find_by_id(id)
                .lock_exclusive()
                .one(self.0.conn())
                .await?;
        }
        Ok(())
    }

    /// All projects, oldest first.
    pub async fn list(&self) -> Result<Vec<Project>, StoreError> {
        let rows = projects::Entity::find()
            .order_by_asc(projects::Column::Id)
            .all(self.0.conn())
            .await?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    /// The projects that this account is a member of, oldest first, with its role.
    pub async fn of_user(&self, user: &str) -> Result<Vec<(Project, MemberRole)>, StoreError> {
        let memberships = members::Entity::find()
            .filter(members::Column::UserId.eq(user))
            .order_by_asc(members::Column::ProjectId)
            .all(self.0.conn())
            .await?;
        let mut found = Vec::with_capacity(memberships.len());
        for member in memberships {
            if let Some(project) = self.get(&member.project_id).await? {
                found.push((project, MemberRole::parse(&member.role)));
            }
        }
        Ok(found)
    }

    /// Adds a member, or gives a present one another role.
    pub async fn set_member(&self, member: &Member) -> Result<(), StoreError> {
        let updated = members::Entity::update_many()
            .set(members::ActiveModel {
                role: Set(member.role.as_str().to_owned()),
                ..Default::default()
            })
            .filter(members::Column::ProjectId.eq(&member.project_id))
            .filter(members::Column::UserId.eq(&member.user_id))
            .exec(self.0.conn())
            .await?;
        if updated.rows_affected > 0 {
            return Ok(());
        }
        let model = members::Model {
            project_id: member.project_id.clone(),
            user_id: member.user_id.clone(),
            role: member.role.as_str().to_owned(),
        };
        self.0.insert(model).await
    }

    /// Removes a member; says whether there was one.
    pub async fn remove_member(&self, project: &str, user: &str) -> Result<bool, StoreError> {
        let deleted = members::Entity::delete_many()
            .filter(members::Column::ProjectId.eq(project))
            .filter(members::Column::UserId.eq(user))
            .exec(self.0.conn())
            .await?;
        Ok(deleted.rows_affected > 0)
    }

    /// The account's role in this project, if it is a member.
    pub async fn role(&self, project: &str, user: &str) -> Result<Option<MemberRole>, StoreError> {
        let row = members::Entity::find_by_id((project.to_owned(), user.to_owned()))
            .one(self.0.conn())
            .await?;
        Ok(row.map(|row| MemberRole::parse(&row.role)))
    }

    /// Everyone in this project.
    pub async fn members(&self, project: &str) -> Result<Vec<Member>, StoreError> {
        let rows = members::Entity::find()
            .filter(members::Column::ProjectId.eq(project))
            .order_by_asc(members::Column::UserId)
            .all(self.0.conn())
            .await?;
        let member = |row: members::Model| Member {
            role: MemberRole::parse(&row.role),
            project_id: row.project_id,
            user_id: row.user_id,
        };
        Ok(rows.into_iter().map(member).collect())
    }
}

fn random_hex() -> String {
    let key: [u8; 32] = rand::random();
    key.iter().map(|byte| format!("{byte:02x}")).collect()
}

impl From<projects::Model> for Project {
    fn from(row: projects::Model) -> Self {
        Self {
            id: row.id,
            name: row.name,
            kind: row.kind,
            object_key: Redacted::new(row.object_key),
            created_at: row.created_at,
            deleted_at: row.deleted_at,
            purge_after: row.purge_after,
        }
    }
}
