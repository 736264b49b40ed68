//! Projects: one's own in a list; of each who is in it, its programs, and its end.

pub mod act;
pub mod create;
pub mod list;
pub mod people;
pub mod show;
pub mod view;
