//! Use cases by noun: accounts, projects, keys, the audit log, files, data sets, runs, fine-tuning jobs, jobs, models, evaluations,
//! deployments, inference, usage, upkeep, and what workers report. Policy lives here; HTTP and SQL do not.

pub mod access;
pub mod accounts;
pub mod audit;
pub mod datasets;
pub mod deployments;
pub mod evals;
pub mod events;
pub mod files;
pub mod fine_tuning;
pub mod health;
pub mod inference;
pub mod jobs;
pub mod keys;
pub mod mail;
pub mod models;
mod once;
mod page;
pub mod projects;
mod row_error;
pub mod runs;
pub mod sealing;
mod secret;
pub mod sharing;
mod studio;
mod time;
pub mod upkeep;
pub mod usage;
pub mod workers;

pub use hanok_cache::rate;
pub use once::Once;
pub use page::{Listed, PageRequest};
pub use studio::{Studio, StudioParts, Timing};
