//! What a table holds, in two figures that both databases agree on if their rows are the same. The order in
//! which rows come does not matter: databases sort texts by different rules.

use sha2::{Digest, Sha256};

use super::shape::Row;

/// Rows and a digest of all their columns.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sum {
    /// Number of rows.
    pub rows: u64,
    lanes: [u64; 4],
}

impl Sum {
    pub(super) fn add(&mut self, row: &Row) {
        let mut digest = Sha256::new();
        for cell in row {
            cell.digest(&mut digest);
        }
        let digest = digest.finalize();
        for (lane, part) in self.lanes.iter_mut().zip(digest.chunks_exact(8)) {
            let mut bytes = [0; 8];
            bytes.copy_from_slice(part);
            *lane = lane.wrapping_add(u64::from_le_bytes(bytes));
        }
        self.rows += 1;
    }

    /// The digest in hexadecimal.
    pub fn digest(&self) -> String {
        self.lanes.map(|lane| format!("{lane:016x}")).concat()
    }
}

/// A table on both sides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableCheck {
    /// Its name.
    pub table: &'static str,
    /// What was to be copied.
    pub source: Sum,
    /// What arrived.
    pub target: Sum,
}

impl TableCheck {
    /// Whether both sides hold the same rows.
    pub fn agrees(&self) -> bool {
        self.source == self.target
    }
}
