//! A fault in a row and back: the code in its own column, the whole fault beside it as JSON, so that a
//! page can still name row, field and remedy a week later.

use hanok_domain::fault::{Fault, FaultKind};
use hanok_store::RowError;

/// As stored.
pub fn to_row(fault: &Fault) -> RowError {
    RowError {
        code: fault.code.to_string(),
        message: serde_json::to_string(fault).unwrap_or_else(|_| fault.to_string()),
    }
}

/// As it was; a message that is no fault of ours is kept as its text.
pub fn from_row(error: RowError) -> Fault {
    serde_json::from_str(&error.message)
        .unwrap_or_else(|_| Fault::new(FaultKind::Invalid, error.code, error.message))
}
