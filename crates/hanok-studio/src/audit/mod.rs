//! The audit log: every use case that it concerns writes its row in its own transaction, so that nothing is
//! done that the log does not know of. A sealer chains the rows, and a verification says whether anyone changed
//! them.

pub mod actions;
mod denials;
mod diagnosis;
mod export;
mod heads;
mod keeping;
mod list;
mod query;
mod record;
mod report;
mod seal;
mod seen;
mod verify;
mod view;

pub use hanok_store::rows::audit::Head;

pub use denials::Denial;
pub use export::{AuditExport, AuditFormat};
pub use heads::{HeadKey, Heads, Kept};
pub(crate) use keeping::Keeping;
pub use keeping::{AuditFigures, Verified};
pub use list::{AuditPage, AuditPart, OUTCOMES};
pub use query::AuditQuery;
pub use record::{Deed, record, record_system, record_unsigned};
pub use report::{AuditFinding, AuditReport};
pub use view::AuditView;
