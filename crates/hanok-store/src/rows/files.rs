//! Uploaded files. Their bytes are objects.

use hanok_domain::id;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};
use serde::Serialize;

use super::one;
use crate::entities::files;
use crate::{Page, StoreError, Tx};

/// An uploaded file.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct File {
    /// `file-…`.
    pub id: String,
    /// Whose it is.
    pub project_id: String,
    /// Its own name.
    pub name: String,
    /// What it is for, for example `fine-tune`.
    pub purpose: String,
    /// Its size.
    pub bytes: i64,
    /// Address of its object.
    pub hash: String,
    /// µs UTC.
    pub created_at: i64,
}

/// What a new file needs.
#[derive(Debug, Clone)]
pub struct NewFile {
    /// Whose it is.
    pub project_id: String,
    /// Its own name.
    pub name: String,
    /// What it is for.
    pub purpose: String,
    /// Its size.
    pub bytes: i64,
    /// Address of its object.
    pub hash: String,
    /// The account that uploads it.
    pub created_by: String,
}

/// Access to files.
pub struct Files<'t>(pub(crate) &'t Tx);

impl Files<'_> {
    /// Adds a file.
    pub async fn insert(&self, new: &NewFile) -> Result<File, StoreError> {
        let row = files::Model {
            id: id::dashed(id::FILE),
            project_id: new.project_id.clone(),
            name: new.name.clone(),
            purpose: new.purpose.clone(),
            bytes: new.bytes,
            hash: new.hash.clone(),
            created_by: new.created_by.clone(),
            created_at: self.0.now().await?,
            deleted_at: None,
        };
        self.0.insert(row.clone()).await?;
        Ok(row.into())
    }

    /// The project's file with this id.
    pub async fn get(&self, project: &str, id: &str) -> Result<Option<File>, StoreError> {
        let row = files::Entity::find_by_id(id)
            .filter(files::Column::ProjectId.eq(project))
            .filter(files::Column::DeletedAt.is_null())
            .one(self.0.conn())
            .await?;
        Ok(row.map(Into::into))
    }

    /// The project's files, of one purpose if one is given.
    pub async fn list(
        &self,
        project: &str,
        purpose: Option<&str>,
        page: &Page,
    ) -> Result<Vec<File>, StoreError> {
        let mut query = files::Entity::find()
            .filter(files::Column::ProjectId.eq(project))
            .filter(files::Column::DeletedAt.is_null());
        if let Some(purpose) = purpose {
            query = query.filter(files::Column::Purpose.eq(purpose));
        }
        let rows = page
            .apply(query, files::Column::Id)
            .all(self.0.conn())
            .await?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    /// Puts a file into the bin.
    pub async fn delete(&self, project: &str, id: &str) -> Result<(), StoreError> {
        let deleted = files::ActiveModel {
            deleted_at: Set(Some(self.0.now().await?)),
            ..Default::default()
        };
        let updated = files::Entity::update_many()
            .set(deleted)
            .filter(files::Column::Id.eq(id))
            .filter(files::Column::ProjectId.eq(project))
            .filter(files::Column::DeletedAt.is_null())
            .exec(self.0.conn())
            .await?;
        one(updated.rows_affected, "file", id)
    }
}

impl From<files::Model> for File {
    fn from(row: files::Model) -> Self {
        Self {
            id: row.id,
            project_id: row.project_id,
            name: row.name,
            purpose: row.purpose,
            bytes: row.bytes,
            hash: row.hash,
            created_at: row.created_at,
        }
    }
}
