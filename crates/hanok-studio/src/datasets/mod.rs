//! Data sets: upload, import by a worker, preview, the bin.

mod create;
mod delete;
pub(crate) mod head;
mod imported;
mod list;
mod options;
mod rows;
mod share;

use std::collections::BTreeMap;

use hanok_domain::fault::Fault;
use hanok_protocol::job::{Manifest, ObjectName};
use hanok_store::rows::datasets::{Dataset, DatasetVersion};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::row_error;
use crate::time::rfc3339;

pub(crate) use imported::{failed, finished};
pub use rows::{Row, RowsPage};

/// A file that was uploaded and is an object now.
#[derive(Debug, Clone)]
pub struct Uploaded {
    /// The file's own name.
    pub file_name: String,
    /// Where it is.
    pub object: ObjectName,
    /// How it begins.
    pub head: Vec<u8>,
}

/// What a new data set is made of.
#[derive(Debug, Clone)]
pub struct NewUpload {
    /// As people see it; the file's name by default.
    pub name: Option<String>,
    /// The file.
    pub file: Uploaded,
    /// What the person said of the file, as text, by option.
    pub options: BTreeMap<String, String>,
}

/// A data set as surfaces show it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct DatasetView {
    /// `ds_…`.
    pub id: String,
    /// Always `dataset`.
    pub object: String,
    /// As people see it.
    pub name: String,
    /// `classification`, `messages` or `unknown`.
    pub kind: String,
    /// `importing`, `ready` or `failed`.
    pub state: String,
    /// The file's own name.
    pub source_name: String,
    /// Its size.
    pub source_bytes: i64,
    /// Why the import failed.
    pub error: Option<Fault>,
    /// The newest version, once it is imported.
    pub version: Option<VersionView>,
    /// RFC 3339.
    pub created_at: String,
    /// RFC 3339.
    pub updated_at: String,
}

/// A version as surfaces show it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct VersionView {
    /// `dsv_…`.
    pub id: String,
    /// From 1.
    pub number: i64,
    /// Rows.
    pub rows: i64,
    /// Columns of its chunks.
    pub columns: Vec<String>,
    /// Classes, sorted.
    pub labels: Vec<String>,
    /// Statistics, rejected rows, notices.
    pub statistics: Value,
}

fn view(row: Dataset, version: Option<DatasetVersion>) -> DatasetView {
    DatasetView {
        id: row.id,
        object: "dataset".to_owned(),
        name: row.name,
        kind: row.kind,
        state: row.state.as_str().to_owned(),
        source_name: row.source_name,
        source_bytes: row.source_bytes,
        error: row.error.map(row_error::from_row),
        version: version.map(version_view),
        created_at: rfc3339(row.created_at),
        updated_at: rfc3339(row.updated_at),
    }
}

fn version_view(version: DatasetVersion) -> VersionView {
    let manifest = manifest_of(&version).ok();
    VersionView {
        id: version.id,
        number: version.number,
        rows: version.rows,
        columns: manifest
            .as_ref()
            .map(|m| m.columns.clone())
            .unwrap_or_default(),
        labels: manifest.map(|m| m.labels).unwrap_or_default(),
        statistics: version.statistics,
    }
}

/// The manifest of a version.
pub(crate) fn manifest_of(version: &DatasetVersion) -> Result<Manifest, Fault> {
    serde_json::from_value(version.manifest.clone())
        .map_err(|e| Fault::internal(format!("the manifest of {} is damaged: {e}", version.id)))
}
