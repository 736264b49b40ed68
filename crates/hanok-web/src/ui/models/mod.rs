//! Models: list, import, and one model with its facts, its files and how to call it.

pub mod delete;
pub mod import;
pub mod list;
pub mod live;
pub mod load;
pub mod share;
pub mod show;
pub mod view;
