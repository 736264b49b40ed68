//! Pages for those who run the installation. Each is a tab of one room.

pub mod audit;
pub mod tabs;
pub mod users;
