//! What the suites of several crates share; a dev-dependency only.
//!
//! It panics where a product would return errors: a test that cannot be set up fails.

mod database;
mod mail;
pub mod points;
mod postgres;
mod totp;

pub use database::{TestDatabase, on_all_databases, on_each_database, on_each_file, test_key};
pub use mail::MailSink;
pub use postgres::PrivatePostgres;
pub use totp::totp_code;
