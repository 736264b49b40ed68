//! Models: list and one model with how to call it.

pub mod list;
pub mod show;
pub mod view;
