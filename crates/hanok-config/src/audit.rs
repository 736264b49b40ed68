//! Where the audit log's signed head is kept, parsed from resolved values.

use std::path::{Path, PathBuf};

use crate::Resolved;
use crate::values::optional;

/// Settings of the audit log.
#[derive(Debug, Clone)]
pub struct Audit {
    /// File that signed heads are added to.
    pub head_file: PathBuf,
}

impl Audit {
    /// Reads them; by default the file is in the data directory.
    pub(crate) fn from_resolved(values: &[Resolved], data: &Path) -> Self {
        let named = optional(values, "AUDIT_HEAD_FILE").map(PathBuf::from);
        Self {
            head_file: named.unwrap_or_else(|| data.join("audit").join("heads.jsonl")),
        }
    }
}
