//! `/admin/users`: accounts and invitations.

pub mod change;
pub mod invite;
pub mod list;
pub mod view;
