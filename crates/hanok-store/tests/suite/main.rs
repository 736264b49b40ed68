//! The store's suite: every body runs on every database that there is.

mod accounts;
mod aggregates;
mod census;
mod damage;
mod encryption;
mod events;
mod files;
mod helper;
mod idempotency;
mod isolation;
mod lock;
mod migrations;
mod outages;
mod proxy;
mod schema;
mod servers;
mod support;
mod tokens;
mod transactions;
mod transfer;
mod tuning;
