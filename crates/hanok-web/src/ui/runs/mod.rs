//! Runs: list, the form that starts one, one run with its chart, log and result.

pub mod cancel;
pub mod create;
pub mod csv;
pub mod form;
pub mod list;
pub mod live;
pub mod load;
pub mod metrics;
pub mod new;
pub mod overview;
pub mod pause;
pub mod report;
pub mod result;
pub mod retry;
pub mod show;
pub mod text;
pub mod view;
