//! The first page: is it running, is it good, what next.

pub mod live;
pub mod load;
pub mod show;
pub mod view;
