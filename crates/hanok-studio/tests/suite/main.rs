//! The studio's suite: use cases with a worker that the test plays, on every database that there is.

mod accounts;
mod audit;
mod audit_log;
mod cancel;
mod failures;
mod fence;
mod fine_tuning;
mod isolation;
mod models;
mod once;
mod passwords;
mod projects;
mod registration;
mod sealing;
mod sharing;
mod tokens;
mod transfer;
mod upkeep;
mod whole_loop;
mod world;
