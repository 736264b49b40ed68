//! Preview: some rows of the newest version, read from its chunks.

use std::collections::BTreeMap;
use std::time::Duration;

use hanok_cache::Key;
use hanok_domain::fault::Fault;
use hanok_protocol::job::Manifest;
use serde::{Deserialize, Serialize};

use super::manifest_of;
use crate::access::Caller;
use crate::studio::Studio;

/// How long rows are kept; a version never changes.
const KEPT: Duration = Duration::from_secs(3600);

/// One row.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Row {
    /// Its number, from 1.
    pub row: u64,
    /// Cells by column.
    pub values: BTreeMap<String, String>,
}

/// Some rows.
#[derive(Debug, Clone)]
pub struct RowsPage {
    /// Columns in the file's order.
    pub columns: Vec<String>,
    /// The rows.
    pub rows: Vec<Row>,
    /// Whether more follow.
    pub has_more: bool,
    /// Rows in all.
    pub total: u64,
}

impl Studio {
    /// Rows after the first `after`, `limit` at most.
    pub async fn dataset_rows(
        &self,
        caller: &Caller,
        id: &str,
        after: u64,
        limit: u64,
    ) -> Result<RowsPage, Fault> {
        let project = &caller.project_id;
        let version = self
            .store()
            .read(|tx| async move {
                let dataset = tx.datasets().get(project, id).await?;
                dataset.ok_or_else(|| Fault::not_found("data set", id))?;
                Ok::<_, Fault>(tx.datasets().latest_version(project, id).await?)
            })
            .await?;
        let Some(version) = version else {
            return Ok(RowsPage {
                columns: Vec::new(),
                rows: Vec::new(),
                has_more: false,
                total: 0,
            });
        };
        let manifest = manifest_of(&version)?;
        let key = Key::new("rows", project, format!("{}:{after}:{limit}", version.id));
        let kept = self.cache().get(&key).await;
        let rows = match kept.and_then(|kept| serde_json::from_slice(&kept).ok()) {
            Some(rows) => rows,
            None => {
                let rows = self.read_rows(project, &manifest, after, limit).await?;
                if let Ok(text) = serde_json::to_vec(&rows) {
                    self.cache().put(&key, text.into(), KEPT).await;
                }
                rows
            }
        };
        Ok(RowsPage {
            has_more: after + (rows.len() as u64) < manifest.rows,
            total: manifest.rows,
            columns: manifest.columns,
            rows,
        })
    }

    async fn read_rows(
        &self,
        project: &str,
        manifest: &Manifest,
        after: u64,
        limit: u64,
    ) -> Result<Vec<Row>, Fault> {
        let key = self.project_key(project).await?;
        let mut rows = Vec::new();
        for chunk in &manifest.chunks {
            let end = chunk.offset + chunk.rows;
            let next = after + rows.len() as u64;
            let wanted = limit - rows.len() as u64;
            if next >= end || wanted == 0 {
                continue;
            }
            let bytes = self.objects().get_bytes(&key, &chunk.object.hash).await?;
            let columns = manifest.columns.clone();
            let (from, offset) = (next - chunk.offset, chunk.offset);
            let read = tokio::task::spawn_blocking(move || {
                let columns: Vec<&str> = columns.iter().map(String::as_str).collect();
                let range = from..from.saturating_add(wanted);
                hanok_data::read_rows(&bytes, &columns, range)
            });
            let cells = read
                .await
                .map_err(|e| Fault::internal(format!("a preview panicked: {e}")))?
                .map_err(|e| Fault::internal(format!("chunk {}: {e}", chunk.object.hash)))?;
            for (i, values) in cells.into_iter().enumerate() {
                rows.push(Row {
                    row: offset + from + i as u64 + 1,
                    values: manifest.columns.iter().cloned().zip(values).collect(),
                });
            }
        }
        Ok(rows)
    }
}
