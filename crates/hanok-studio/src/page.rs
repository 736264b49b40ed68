//! Paging as surfaces see it: an id to go on from, a bounded number of items.

use hanok_store::Page;

const DEFAULT: u64 = 20;
const MOST: u64 = 100;

/// Which part of a list is wanted, newest first.
#[derive(Debug, Clone)]
pub struct PageRequest {
    after: Option<String>,
    limit: u64,
    ascending: bool,
}

impl PageRequest {
    /// Clamps the limit to 1..=100; 20 when not given.
    pub fn new(after: Option<String>, limit: Option<u64>) -> Self {
        Self {
            after: after.filter(|id| !id.is_empty()),
            limit: limit.unwrap_or(DEFAULT).clamp(1, MOST),
            ascending: false,
        }
    }

    /// The first page.
    pub fn first(limit: u64) -> Self {
        Self::new(None, Some(limit))
    }

    /// The same page of the list in the order in which things were made.
    #[must_use]
    pub fn oldest_first(mut self) -> Self {
        self.ascending = true;
        self
    }

    /// Up to this many items, for surfaces whose pages are longer than ours.
    #[must_use]
    pub fn at_most(mut self, limit: u64) -> Self {
        self.limit = limit.max(1);
        self
    }

    /// One more row than wanted, to know whether there are more.
    pub(crate) fn rows(&self) -> Page {
        Page {
            after: self.after.clone(),
            limit: self.limit + 1,
            ascending: self.ascending,
        }
    }

    /// Makes the page from the rows that [`Self::rows`] gave.
    pub(crate) fn listed<R, V>(
        &self,
        mut rows: Vec<R>,
        id: impl Fn(&R) -> &str,
        view: impl FnMut(R) -> V,
    ) -> Listed<V> {
        let limit = usize::try_from(self.limit).unwrap_or(usize::MAX);
        let has_more = rows.len() > limit;
        rows.truncate(limit);
        Listed {
            last_id: rows.last().map(|row| id(row).to_owned()),
            items: rows.into_iter().map(view).collect(),
            has_more,
        }
    }
}

impl Default for PageRequest {
    fn default() -> Self {
        Self::first(DEFAULT)
    }
}

/// One page of a list.
#[derive(Debug, Clone)]
pub struct Listed<T> {
    /// The items.
    pub items: Vec<T>,
    /// Whether another page follows.
    pub has_more: bool,
    /// Where to go on.
    pub last_id: Option<String>,
}
