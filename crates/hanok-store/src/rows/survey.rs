//! Every row of a project, those in the bin too, a page at a time: for those who check or tidy the whole
//! installation. Nothing here changes a row.

use sea_orm::{ColumnTrait, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect};

use super::datasets::{Dataset, DatasetVersion};
use super::evals::Eval;
use super::files::File;
use super::jobs::Job;
use super::models::Model;
use super::runs::Run;
use crate::entities::{dataset_versions, datasets, evals, files, idempotency, jobs, models, runs};
use crate::{StoreError, Tx};

/// Rows of one page.
const PAGE: u64 = 500;

/// Access to all rows of a project. Each page begins after an id; an empty one is the last.
pub struct Survey<'t>(pub(crate) &'t Tx);

impl Survey<'_> {
    /// Uploaded files.
    pub async fn files(&self, project: &str, after: &str) -> Result<Vec<File>, StoreError> {
        let of = files::Column::ProjectId.eq(project);
        self.page::<files::Entity, File>(of, files::Column::Id, after)
            .await
    }

    /// Data sets that are not in the bin.
    pub async fn datasets(&self, project: &str, after: &str) -> Result<Vec<Dataset>, StoreError> {
        let of = datasets::Column::ProjectId.eq(project);
        let of = of.and(datasets::Column::DeletedAt.is_null());
        self.page::<datasets::Entity, Dataset>(of, datasets::Column::Id, after)
            .await
    }

    /// Versions of data sets.
    pub async fn versions(
        &self,
        project: &str,
        after: &str,
    ) -> Result<Vec<DatasetVersion>, StoreError> {
        let of = dataset_versions::Column::ProjectId.eq(project);
        self.page::<dataset_versions::Entity, DatasetVersion>(
            of,
            dataset_versions::Column::Id,
            after,
        )
        .await
    }

    /// Models.
    pub async fn models(&self, project: &str, after: &str) -> Result<Vec<Model>, StoreError> {
        let of = models::Column::ProjectId.eq(project);
        self.page::<models::Entity, Model>(of, models::Column::Id, after)
            .await
    }

    /// Runs.
    pub async fn runs(&self, project: &str, after: &str) -> Result<Vec<Run>, StoreError> {
        let of = runs::Column::ProjectId.eq(project);
        self.page::<runs::Entity, Run>(of, runs::Column::Id, after)
            .await
    }

    /// Evaluations.
    pub async fn evals(&self, project: &str, after: &str) -> Result<Vec<Eval>, StoreError> {
        let of = evals::Column::ProjectId.eq(project);
        self.page::<evals::Entity, Eval>(of, evals::Column::Id, after)
            .await
    }

    /// Jobs.
    pub async fn jobs(&self, project: &str, after: &str) -> Result<Vec<Job>, StoreError> {
        let of = jobs::Column::ProjectId.eq(project);
        self.page::<jobs::Entity, Job>(of, jobs::Column::Id, after)
            .await
    }

    /// `Idempotency-Key`s that were taken and never answered: both happen in one transaction.
    pub async fn unanswered(&self, project: &str) -> Result<Vec<String>, StoreError> {
        let rows = idempotency::Entity::find()
            .filter(idempotency::Column::ProjectId.eq(project))
            .filter(idempotency::Column::Status.is_null())
            .limit(PAGE)
            .all(self.0.conn())
            .await?;
        Ok(rows.into_iter().map(|row| row.key).collect())
    }

    async fn page<E, R>(
        &self,
        of: sea_orm::sea_query::SimpleExpr,
        id: E::Column,
        after: &str,
    ) -> Result<Vec<R>, StoreError>
    where
        E: EntityTrait,
        R: From<E::Model>,
    {
        let rows = E::find()
            .filter(of)
            .filter(id.gt(after))
            .order_by_asc(id)
            .limit(PAGE)
            .all(self.0.conn())
            .await?;
        Ok(rows.into_iter().map(Into::into).collect())
    }
}
