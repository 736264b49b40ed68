//! Rows: entities, migrations and one transaction handle over SQLite and PostgreSQL.
//!
//! The only crate that knows SQL. Everything is reached through a [`Tx`], so that
//! what belongs together is committed together. Does not own what rows mean.

mod config;
mod connect;
mod entities;
mod error;
mod json;
pub mod lock;
mod migrate;
mod migration;
mod page;
mod redacted;
pub mod rows;
mod store;
mod tx;
mod version;

pub use config::StoreConfig;
pub use error::StoreError;
pub use page::Page;
pub use redacted::Redacted;
pub use rows::RowError;
pub use store::{Change, Store};
pub use tx::Tx;
pub use version::DatabaseVersion;
