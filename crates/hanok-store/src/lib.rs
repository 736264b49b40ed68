//! Rows: entities, migrations and one transaction handle over SQLite and PostgreSQL.
//!
//! The only crate that knows SQL. Everything is reached through a [`Tx`], so that
//! what belongs together is committed together. Does not own what rows mean.

pub mod cipher;
mod config;
mod connect;
mod entities;
mod error;
mod files;
mod json;
pub mod lock;
mod migrate;
mod migration;
mod page;
mod redacted;
pub mod rows;
mod store;
pub mod transfer;
mod tx;
mod version;
mod wal;

pub use cipher::EncryptionKey;
pub use config::{PostgresTls, StoreConfig};
pub use error::StoreError;
pub use page::Page;
pub use redacted::Redacted;
pub use rows::RowError;
pub use store::{Change, Store};
pub use tx::Tx;
pub use version::DatabaseVersion;
