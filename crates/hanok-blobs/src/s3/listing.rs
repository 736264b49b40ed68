//! What keys there are, page by page.

use object_store::list::{PaginatedListOptions, PaginatedListStore};
use object_store::{ListResult, ObjectMeta};

use super::service::{Service, found_of};
use crate::ObjectError;
use crate::backend::Entry;

const ACTION: &str = "list objects";

impl Service {
    pub(super) async fn entries(&self, project: &str) -> Result<Vec<Entry>, ObjectError> {
        let prefix = self.keys.of_project(project);
        let mut entries = Vec::new();
        let take = |page: ListResult| {
            entries.extend(page.objects.iter().filter_map(|meta| self.entry(meta)));
        };
        self.pages(&prefix, None, take).await?;
        Ok(entries)
    }

    pub(super) async fn projects(&self) -> Result<Vec<String>, ObjectError> {
        let mut projects = Vec::new();
        let take = |page: ListResult| {
            let folders = page.common_prefixes.iter();
            let names = folders.filter_map(|folder| self.keys.project(folder.as_ref()));
            projects.extend(names.map(str::to_owned));
        };
        self.pages(self.keys.base(), Some("/"), take).await?;
        Ok(projects)
    }

    fn entry(&self, meta: &ObjectMeta) -> Option<Entry> {
        let (hash, form) = self.keys.parse(meta.location.as_ref())?;
        Some(Entry {
            hash: hash.to_string(),
            form,
            found: found_of(meta),
        })
    }

    async fn pages(
        &self,
        prefix: &str,
        delimiter: Option<&'static str>,
        mut take: impl FnMut(ListResult),
    ) -> Result<(), ObjectError> {
        let mut token = None;
        loop {
            let list = || {
                let options = PaginatedListOptions {
                    delimiter: delimiter.map(Into::into),
                    page_token: token.clone(),
                    ..PaginatedListOptions::default()
                };
                self.store.list_paginated(Some(prefix), options)
            };
            let page = self.persist(ACTION, 0, list).await?;
            let page = page.ok_or_else(|| self.place.missing())?;
            take(page.result);
            if page.page_token.is_none() || page.page_token == token {
                return Ok(());
            }
            token = page.page_token;
        }
    }
}
