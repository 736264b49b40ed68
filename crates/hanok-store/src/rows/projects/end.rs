//! A project's name and its end: into the bin, back out of it, and gone for good.

use std::time::Duration;

use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, QueryFilter,
    QueryOrder, Statement,
};

use super::{Project, Projects};
use crate::StoreError;
use crate::entities::projects;

/// Tables whose rows belong to a project, those that refer to others before the others.
const OWNED: [&str; 17] = [
    "deployments",
    "evals",
    "fine_tunes",
    "models",
    "runs",
    "dataset_versions",
    "datasets",
    "files",
    "jobs",
    "events",
    "idempotency",
    "usage",
    "objects",
    "refresh_tokens",
    "invitations",
    "api_keys",
    "members",
];

impl Projects<'_> {
    /// Gives the project another name.
    pub async fn rename(&self, id: &str, name: &str) -> Result<(), StoreError> {
        let renamed = projects::ActiveModel {
            name: Set(name.to_owned()),
            ..Default::default()
        };
        self.change(id, renamed).await
    }

    /// Puts the project into the bin for so long.
    pub async fn bin(&self, id: &str, keep: Duration) -> Result<(), StoreError> {
        let now = self.0.now().await?;
        let binned = projects::ActiveModel {
            deleted_at: Set(Some(now)),
            purge_after: Set(Some(now.saturating_add(crate::rows::micros(keep)))),
            ..Default::default()
        };
        self.change(id, binned).await
    }

    /// Takes the project out of the bin.
    pub async fn restore(&self, id: &str) -> Result<(), StoreError> {
        let restored = projects::ActiveModel {
            deleted_at: Set(None),
            purge_after: Set(None),
            ..Default::default()
        };
        self.change(id, restored).await
    }

    /// Projects whose time in the bin is over.
    pub async fn expired(&self) -> Result<Vec<Project>, StoreError> {
        let rows = projects::Entity::find()
            .filter(projects::Column::PurgeAfter.lte(self.0.now().await?))
            .order_by_asc(projects::Column::Id)
            .all(self.0.conn())
            .await?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    /// Removes every row that belongs to the project, its own stays. The audit log keeps what was done in it.
    pub async fn empty(&self, id: &str) -> Result<(), StoreError> {
        let backend = match self.0.is_postgres() {
            true => DbBackend::Postgres,
            false => DbBackend::Sqlite,
        };
        let tables = OWNED.map(|table| format!("DELETE FROM {table} WHERE project_id = $1"));
        for sql in tables {
            let statement = Statement::from_sql_and_values(backend, sql, [id.into()]);
            self.0.conn().execute_raw(statement).await?;
        }
        Ok(())
    }

    /// Removes the project's own row, the last of all.
    pub async fn erase(&self, id: &str) -> Result<(), StoreError> {
        projects::Entity::delete_by_id(id)
            .exec(self.0.conn())
            .await?;
        Ok(())
    }

    async fn change(&self, id: &str, change: projects::ActiveModel) -> Result<(), StoreError> {
        let updated = projects::Entity::update_many()
            .set(change)
            .filter(projects::Column::Id.eq(id))
            .exec(self.0.conn())
            .await?;
        crate::rows::one(updated.rows_affected, "project", id)
    }
}
