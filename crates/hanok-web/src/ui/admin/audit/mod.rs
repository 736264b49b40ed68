//! `/admin/audit`: the audit log searched, a row's detail, and whether the chain holds.

pub mod list;
pub mod verify;
pub mod view;
