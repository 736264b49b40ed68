//! Data sets. Their rows are objects; here is only what the lists and pages show.

mod versions;

use hanok_domain::{id, state::DatasetState};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};
use serde::Serialize;

use super::{RowError, absent, one, refused};
use crate::entities::datasets;
use crate::{Page, StoreError, Tx};

pub use versions::{DatasetVersion, NewVersion};

/// A data set.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Dataset {
    /// `ds_…`.
    pub id: String,
    /// Whose it is.
    pub project_id: String,
    /// As people see it.
    pub name: String,
    /// `classification`, `messages` or `unknown`.
    pub kind: String,
    /// Where its import stands.
    pub state: DatasetState,
    /// Name of the file that it came from.
    pub source_name: String,
    /// Size of that file.
    pub source_bytes: i64,
    /// Why the import failed.
    pub error: Option<RowError>,
    /// The account that made it.
    pub created_by: String,
    /// µs UTC.
    pub created_at: i64,
    /// µs UTC.
    pub updated_at: i64,
}

/// What a new data set needs; it starts as importing.
#[derive(Debug, Clone)]
pub struct NewDataset {
    /// Whose it is.
    pub project_id: String,
    /// As people see it.
    pub name: String,
    /// `classification`, `messages` or `unknown`.
    pub kind: String,
    /// Name of the file.
    pub source_name: String,
    /// Size of the file.
    pub source_bytes: i64,
    /// The account that makes it.
    pub created_by: String,
}

/// What to change of a data set; the rest stays.
#[derive(Debug, Clone, Default)]
pub struct DatasetChange {
    /// New name.
    pub name: Option<String>,
    /// What the import found it to be.
    pub kind: Option<String>,
    /// New state, if the present one allows it.
    pub state: Option<DatasetState>,
    /// Why the import failed.
    pub error: Option<RowError>,
}

/// Access to data sets.
pub struct Datasets<'t>(pub(crate) &'t Tx);

impl Datasets<'_> {
    /// Adds a data set.
    pub async fn insert(&self, new: &NewDataset) -> Result<Dataset, StoreError> {
        let now = self.0.now().await?;
        let model = datasets::Model {
            id: id::new(id::DATASET),
            project_id: new.project_id.clone(),
            name: new.name.clone(),
            kind: new.kind.clone(),
            state: DatasetState::Importing.as_str().to_owned(),
            source_name: new.source_name.clone(),
            source_bytes: new.source_bytes,
            error_code: None,
            error_message: None,
            created_by: new.created_by.clone(),
            created_at: now,
            updated_at: now,
            deleted_at: None,
        };
        self.0.insert(model.clone()).await?;
        Ok(model.into())
    }

    /// The project's data set with this id.
    pub async fn get(&self, project: &str, id: &str) -> Result<Option<Dataset>, StoreError> {
        let row = datasets::Entity::find_by_id(id)
            .filter(datasets::Column::ProjectId.eq(project))
            .filter(datasets::Column::DeletedAt.is_null())
            .one(self.0.conn())
            .await?;
        Ok(row.map(Into::into))
    }

    /// The project's data sets, newest first.
    pub async fn list(&self, project: &str, page: &Page) -> Result<Vec<Dataset>, StoreError> {
        let query = datasets::Entity::find()
            .filter(datasets::Column::ProjectId.eq(project))
            .filter(datasets::Column::DeletedAt.is_null());
        let rows = page
            .apply(query, datasets::Column::Id)
            .all(self.0.conn())
            .await?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    /// Changes a data set and returns it as it now is.
    pub async fn update(
        &self,
        project: &str,
        id: &str,
        change: &DatasetChange,
    ) -> Result<Dataset, StoreError> {
        let found = self.get(project, id).await?;
        let present = found.ok_or_else(|| absent("data set", id))?;
        let mut row = datasets::ActiveModel {
            updated_at: Set(self.0.now().await?),
            ..Default::default()
        };
        if let Some(name) = &change.name {
            row.name = Set(name.clone());
        }
        if let Some(kind) = &change.kind {
            row.kind = Set(kind.clone());
        }
        if let Some(state) = &change.state {
            if !present.state.may_become(state) {
                return Err(refused("data set", present.state.as_str(), state.as_str()));
            }
            row.state = Set(state.as_str().to_owned());
        }
        if let Some(error) = &change.error {
            row.error_code = Set(Some(error.code.clone()));
            row.error_message = Set(Some(error.message.clone()));
        }
        let updated = datasets::Entity::update_many()
            .set(row)
            .filter(datasets::Column::Id.eq(id))
            // Whoever moved it in between wins; we would act on what is no longer so.
            .filter(datasets::Column::State.eq(present.state.as_str()))
            .exec(self.0.conn())
            .await?;
        super::unraced(updated.rows_affected, "data set", id)?;
        let now = self.get(project, id).await?;
        now.ok_or_else(|| absent("data set", id))
    }

    /// Puts a data set into the bin.
    pub async fn delete(&self, project: &str, id: &str) -> Result<(), StoreError> {
        let deleted = datasets::ActiveModel {
            deleted_at: Set(Some(self.0.now().await?)),
            ..Default::default()
        };
        let updated = datasets::Entity::update_many()
            .set(deleted)
            .filter(datasets::Column::Id.eq(id))
            .filter(datasets::Column::ProjectId.eq(project))
            .filter(datasets::Column::DeletedAt.is_null())
            .exec(self.0.conn())
            .await?;
        one(updated.rows_affected, "data set", id)
    }
}

impl From<datasets::Model> for Dataset {
    fn from(row: datasets::Model) -> Self {
        Self {
            id: row.id,
            project_id: row.project_id,
            name: row.name,
            kind: row.kind,
            state: DatasetState::parse(&row.state),
            source_name: row.source_name,
            source_bytes: row.source_bytes,
            error: RowError::read(row.error_code, row.error_message),
            created_by: row.created_by,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}
