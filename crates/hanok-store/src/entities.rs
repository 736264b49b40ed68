//! The tables as SeaORM sees them; nothing of this leaves the crate.

pub mod api_keys;
pub mod audit;
pub mod audit_head;
pub mod dataset_versions;
pub mod datasets;
pub mod deployments;
pub mod evals;
pub mod events;
pub mod files;
pub mod fine_tunes;
pub mod idempotency;
pub mod invitations;
pub mod jobs;
pub mod mails;
pub mod members;
pub mod models;
pub mod objects;
pub mod one_time_secrets;
pub mod projects;
pub mod runs;
pub mod sessions;
pub mod sign_in_failures;
pub mod usage;
pub mod users;
pub mod workers;
