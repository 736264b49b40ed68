//! Which objects a project refers to. The bytes are with `hanok-blobs`.

use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};
use sea_orm::{ConnectionTrait, QueryOrder, QuerySelect, Statement, TryInsertResult};
use serde::Serialize;

use crate::entities::objects;
use crate::{StoreError, Tx};

/// A reference to an object.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ObjectRow {
    /// Whose it is.
    pub project_id: String,
    /// Its address.
    pub hash: String,
    /// Bytes.
    pub size: i64,
    /// µs UTC.
    pub created_at: i64,
}

/// Access to object references.
pub struct Objects<'t>(pub(crate) &'t Tx);

impl Objects<'_> {
    /// Notes that the project has this object; harmless if it already has.
    pub async fn put(&self, project: &str, hash: &str, size: i64) -> Result<(), StoreError> {
        let row = objects::Model {
            project_id: project.to_owned(),
            hash: hash.to_owned(),
            size,
            created_at: self.0.now().await?,
        };
        let inserted = objects::Entity::insert(row.into_active_model().reset_all())
            .on_conflict_do_nothing()
            .exec_without_returning(self.0.conn())
            .await?;
        if let TryInsertResult::Empty = inserted {
            tracing::error!("an object row without columns was not inserted");
        }
        Ok(())
    }

    /// The project's object at this address.
    pub async fn get(&self, project: &str, hash: &str) -> Result<Option<ObjectRow>, StoreError> {
        let row = objects::Entity::find_by_id((project.to_owned(), hash.to_owned()))
            .one(self.0.conn())
            .await?;
        Ok(row.map(Into::into))
    }

    /// The project's objects by address, those after `after`.
    pub async fn list(
        &self,
        project: &str,
        after: &str,
        limit: u64,
    ) -> Result<Vec<ObjectRow>, StoreError> {
        let rows = objects::Entity::find()
            .filter(objects::Column::ProjectId.eq(project))
            .filter(objects::Column::Hash.gt(after))
            .order_by_asc(objects::Column::Hash)
            .limit(limit)
            .all(self.0.conn())
            .await?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    /// How many objects all projects refer to, and their bytes.
    pub async fn total(&self) -> Result<(i64, i64), StoreError> {
        // PostgreSQL's sum of integers is a number without bounds, so that it is cast back.
        let sql =
            "SELECT count(*) AS n, CAST(coalesce(sum(size), 0) AS BIGINT) AS bytes FROM objects";
        let backend = self.0.conn().get_database_backend();
        let row = self
            .0
            .conn()
            .query_one_raw(Statement::from_string(backend, sql))
            .await?
            .ok_or_else(|| StoreError::Database("a sum gave no row".to_owned()))?;
        Ok((row.try_get("", "n")?, row.try_get("", "bytes")?))
    }

    /// Bytes of the objects that the project refers to.
    pub async fn bytes_of(&self, project: &str) -> Result<i64, StoreError> {
        let sql = "SELECT CAST(coalesce(sum(size), 0) AS BIGINT) AS bytes FROM objects \
                   WHERE project_id = $1";
        let backend = self.0.conn().get_database_backend();
        let statement = Statement::from_sql_and_values(backend, sql, [project.into()]);
        let row = self.0.conn().query_one_raw(statement).await?;
        let row = row.ok_or_else(|| StoreError::Database("a sum gave no row".to_owned()))?;
        Ok(row.try_get("", "bytes")?)
    }

    /// Drops the reference; says whether there was one.
    pub async fn delete(&self, project: &str, hash: &str) -> Result<bool, StoreError> {
        let deleted = objects::Entity::delete_by_id((project.to_owned(), hash.to_owned()))
            .exec(self.0.conn())
            .await?;
        Ok(deleted.rows_affected > 0)
    }
}

impl From<objects::Model> for ObjectRow {
    fn from(row: objects::Model) -> Self {
        Self {
            project_id: row.project_id,
            hash: row.hash,
            size: row.size,
            created_at: row.created_at,
        }
    }
}
