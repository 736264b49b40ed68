//! The store's suite: every body runs on every database that there is.

mod accounts;
mod aggregates;
mod census;
mod damage;
mod events;
mod idempotency;
mod isolation;
mod lock;
mod schema;
mod support;
mod transactions;
mod tuning;
