//! Data sets: list, upload, one data set with its statistics and rows.

pub mod create;
pub mod delete;
pub mod form;
pub mod list;
pub mod live;
pub mod load;
pub mod new;
pub mod share;
pub mod show;
pub mod statistics;
pub mod view;
