//! Paging by id, newest first unless asked otherwise. Does not own limits on page sizes; callers clamp.

use sea_orm::{ColumnTrait, EntityTrait, Order, QueryFilter, QueryOrder, QuerySelect, Select};

/// Which part of a list is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// The last id of the page before, if any.
    pub after: Option<String>,
    /// How many rows at most.
    pub limit: u64,
    /// Oldest first.
    pub ascending: bool,
}

impl Page {
    /// The first page.
    pub fn first(limit: u64) -> Self {
        Self {
            after: None,
            limit,
            ascending: false,
        }
    }

    /// The page that follows the row with this id.
    pub fn after(id: impl Into<String>, limit: u64) -> Self {
        Self {
            after: Some(id.into()),
            limit,
            ascending: false,
        }
    }

    /// Ids sort by the time at which they were made.
    pub(crate) fn apply<E: EntityTrait>(&self, query: Select<E>, id: E::Column) -> Select<E> {
        let query = match &self.after {
            Some(after) if self.ascending => query.filter(id.gt(after.as_str())),
            Some(after) => query.filter(id.lt(after.as_str())),
            None => query,
        };
        let order = if self.ascending {
            Order::Asc
        } else {
            Order::Desc
        };
        query.order_by(id, order).limit(self.limit)
    }
}
