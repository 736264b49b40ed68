//! Jobs counted and looked up by what they are about: for people who look, not for executors.

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::{Job, Jobs};
use crate::entities::jobs;
use crate::{Page, StoreError};

/// How many jobs of a kind are in a state, over all projects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counted {
    /// For example `run.train`.
    pub kind: String,
    /// For example `queued`.
    pub state: String,
    /// How many.
    pub jobs: i64,
}

/// Which jobs are wanted; what is not said does not matter.
#[derive(Debug, Clone, Default)]
pub struct JobFilter {
    /// For example `run.train`.
    pub kind: Option<String>,
    /// For example `queued`.
    pub state: Option<String>,
}

impl Jobs<'_> {
    /// Jobs of all projects by kind and state.
    pub async fn counts(&self) -> Result<Vec<Counted>, StoreError> {
        let rows: Vec<(String, String, i64)> = jobs::Entity::find()
            .select_only()
            .column(jobs::Column::Kind)
            .column(jobs::Column::State)
            .column_as(jobs::Column::Id.count(), "jobs")
            .group_by(jobs::Column::Kind)
            .group_by(jobs::Column::State)
            .into_tuple()
            .all(self.0.conn())
            .await?;
        let counted = |(kind, state, jobs)| Counted { kind, state, jobs };
        Ok(rows.into_iter().map(counted).collect())
    }

    /// The project's jobs that pass the filter, newest first.
    pub async fn list_where(
        &self,
        project: &str,
        filter: &JobFilter,
        page: &Page,
    ) -> Result<Vec<Job>, StoreError> {
        let mut query = jobs::Entity::find().filter(jobs::Column::ProjectId.eq(project));
        if let Some(kind) = &filter.kind {
            query = query.filter(jobs::Column::Kind.eq(kind));
        }
        if let Some(state) = &filter.state {
            query = query.filter(jobs::Column::State.eq(state));
        }
        let rows = page
            .apply(query, jobs::Column::Id)
            .all(self.0.conn())
            .await?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    /// The project's newest job about a subject, for example a run.
    pub async fn about(&self, project: &str, subject: &str) -> Result<Option<Job>, StoreError> {
        let row = jobs::Entity::find()
            .filter(jobs::Column::ProjectId.eq(project))
            .filter(jobs::Column::Subject.eq(subject))
            .order_by_desc(jobs::Column::Id)
            .one(self.0.conn())
            .await?;
        Ok(row.map(Into::into))
    }
}
