//! Deployments: what is served, and a box to try it.

pub mod attempt;
pub mod create;
pub mod list;
pub mod stop;
pub mod view;
