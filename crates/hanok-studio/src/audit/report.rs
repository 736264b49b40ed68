//! What a verification of the chain tells.

use hanok_store::rows::audit::Sealable;
use serde::{Deserialize, Serialize};

/// What a verification found.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct AuditReport {
    /// Always `audit.report`.
    pub object: String,
    /// Nothing is wrong.
    pub clean: bool,
    /// Rows with a place in the chain.
    pub sealed: i64,
    /// Rows that wait for one.
    pub unsealed: i64,
    /// Places without a row.
    pub gaps: i64,
    /// Rows whose links were recomputed.
    pub checked: i64,
    /// Place of the signed head in the database.
    pub head: Option<i64>,
    /// Place of the last head that was kept elsewhere.
    pub kept: Option<i64>,
    /// Heads kept elsewhere that were compared.
    pub heads: u64,
    /// What is wrong; the first bad row first.
    pub findings: Vec<AuditFinding>,
    /// Seconds that it took.
    pub seconds: f64,
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AuditFinding {
    /// `altered`, `removed`, `reordered`, `inserted`, `rewritten`, `head_missing`, `head_signature` or
    /// `head_unkept`.
    pub code: String,
    /// Place in the chain.
    pub seq: i64,
    /// The row there, if there is one.
    pub id: Option<String>,
    /// One sentence.
    pub message: String,
}

impl AuditFinding {
    pub(super) fn at(code: &str, seq: i64, row: Option<&Sealable>, message: String) -> Self {
        Self {
            code: code.to_owned(),
            seq,
            id: row.map(|row| row.id().to_owned()),
            message,
        }
    }
}
