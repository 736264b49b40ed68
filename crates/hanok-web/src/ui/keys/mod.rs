//! API keys: the project's, and for administrators those of all projects.

pub mod admin;
pub mod create;
pub mod list;
pub mod revoke;
pub mod rotate;
pub mod view;
