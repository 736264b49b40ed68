//! Versions of data sets: a manifest of chunks and statistics, never changed once written.

use hanok_domain::id;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use serde::Serialize;
use serde_json::Value;

use super::Datasets;
use crate::entities::dataset_versions;
use crate::rows::absent;
use crate::{StoreError, json};

/// A version of a data set.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DatasetVersion {
    /// `dsv_…`.
    pub id: String,
    /// Whose it is.
    pub project_id: String,
    /// The data set.
    pub dataset_id: String,
    /// 1, 2, … within the data set.
    pub number: i64,
    /// The chunks and their row offsets; null if damaged.
    pub manifest: Value,
    /// What the import counted; null if damaged.
    pub statistics: Value,
    /// How many rows.
    pub rows: i64,
    /// µs UTC.
    pub created_at: i64,
}

/// What a new version needs; it gets the next number.
#[derive(Debug, Clone)]
pub struct NewVersion {
    /// Whose it is.
    pub project_id: String,
    /// The data set.
    pub dataset_id: String,
    /// The chunks and their row offsets.
    pub manifest: Value,
    /// What the import counted.
    pub statistics: Value,
    /// How many rows.
    pub rows: i64,
}

impl Datasets<'_> {
    /// Adds a version to a data set of the same project.
    pub async fn add_version(&self, new: &NewVersion) -> Result<DatasetVersion, StoreError> {
        if self.get(&new.project_id, &new.dataset_id).await?.is_none() {
            return Err(absent("data set", &new.dataset_id));
        }
        let latest = self
            .latest_version(&new.project_id, &new.dataset_id)
            .await?;
        let model = dataset_versions::Model {
            id: id::new(id::DATASET_VERSION),
            project_id: new.project_id.clone(),
            dataset_id: new.dataset_id.clone(),
            number: latest.map_or(1, |version| version.number + 1),
            manifest: new.manifest.to_string(),
            statistics: new.statistics.to_string(),
            rows: new.rows,
            created_at: self.0.now().await?,
        };
        self.0.insert(model.clone()).await?;
        Ok(model.into())
    }

    /// The project's version with this id.
    pub async fn version(
        &self,
        project: &str,
        id: &str,
    ) -> Result<Option<DatasetVersion>, StoreError> {
        let row = dataset_versions::Entity::find_by_id(id)
            .filter(dataset_versions::Column::ProjectId.eq(project))
            .one(self.0.conn())
            .await?;
        Ok(row.map(Into::into))
    }

    /// The data set's versions, newest first.
    pub async fn versions(
        &self,
        project: &str,
        dataset: &str,
    ) -> Result<Vec<DatasetVersion>, StoreError> {
        let rows = dataset_versions::Entity::find()
            .filter(dataset_versions::Column::ProjectId.eq(project))
            .filter(dataset_versions::Column::DatasetId.eq(dataset))
            .order_by_desc(dataset_versions::Column::Number)
            .all(self.0.conn())
            .await?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    /// The data set's newest version.
    pub async fn latest_version(
        &self,
        project: &str,
        dataset: &str,
    ) -> Result<Option<DatasetVersion>, StoreError> {
        let row = dataset_versions::Entity::find()
            .filter(dataset_versions::Column::ProjectId.eq(project))
            .filter(dataset_versions::Column::DatasetId.eq(dataset))
            .order_by_desc(dataset_versions::Column::Number)
            .one(self.0.conn())
            .await?;
        Ok(row.map(Into::into))
    }
}

impl From<dataset_versions::Model> for DatasetVersion {
    fn from(row: dataset_versions::Model) -> Self {
        Self {
            manifest: json::read(&row.manifest, "dataset_versions.manifest"),
            statistics: json::read(&row.statistics, "dataset_versions.statistics"),
            id: row.id,
            project_id: row.project_id,
            dataset_id: row.dataset_id,
            number: row.number,
            rows: row.rows,
            created_at: row.created_at,
        }
    }
}
