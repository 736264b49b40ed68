//! Paging by id, newest first. Does not own limits on page sizes; callers clamp.

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select};

/// Which part of a list is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// The last id of the page before, if any.
    pub after: Option<String>,
    /// How many rows at most.
    pub limit: u64,
}

impl Page {
    /// The first page.
    pub fn first(limit: u64) -> Self {
        Self { after: None, limit }
    }

    /// The page that follows the row with this id.
    pub fn after(id: impl Into<String>, limit: u64) -> Self {
        Self {
            after: Some(id.into()),
            limit,
        }
    }

    /// Ids sort by the time at which they were made.
    pub(crate) fn apply<E: EntityTrait>(&self, query: Select<E>, id: E::Column) -> Select<E> {
        let query = match &self.after {
            Some(after) => query.filter(id.lt(after.as_str())),
            None => query,
        };
        query.order_by_desc(id).limit(self.limit)
    }
}
