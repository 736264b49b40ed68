//! The audit log: every use case that it concerns writes its row in its own transaction, so that nothing is
//! done that the log does not know of.

mod record;

pub use record::{Deed, record, record_unsigned};
