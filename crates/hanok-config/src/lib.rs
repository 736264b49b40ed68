//! Settings: their names, defaults, meaning, and where each value came from. One table, [`catalogue`],
//! is definition, help and reference in one; [`Settings`] is what the program reads.
//! It opens nothing but `hanok.toml` and the files that `*_FILE` variables name.

pub mod accounts;
pub mod audit;
pub mod catalogue;
pub mod identity;
mod resolve;
mod secret;
pub mod secrets;
mod setting;
mod settings;
pub mod stores;
pub mod surface;
pub mod transport;
mod values;

pub use accounts::Accounts;
pub use audit::Audit;
pub use identity::Identity;
pub use resolve::{Resolved, Source, resolve};
pub use secret::Secret;
pub use secrets::Secrets;
pub use settings::Settings;
pub use stores::Stores;
pub use surface::Surface;
pub use transport::Transport;

use std::path::PathBuf;

/// A setting that cannot be used, with the exact fix.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A file that cannot be read.
    #[error("cannot read {path}: {reason}")]
    Unreadable {
        /// Which file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// A key in `hanok.toml` that is no setting.
    #[error(
        "{path}: unknown setting '{key}'; `hanok config show` lists the names that can stand there"
    )]
    UnknownKey {
        /// Which file.
        path: PathBuf,
        /// The key as written.
        key: String,
    },
    /// A value that does not parse or is refused.
    #[error("{name} ({from}): '{value}' {reason}")]
    Invalid {
        /// The setting.
        name: String,
        /// Where the value came from.
        from: String,
        /// The value, masked when secret.
        value: String,
        /// What is wrong, with the fix.
        reason: String,
    },
    /// A combination that production refuses.
    #[error("refusing to start: {reason}")]
    Refused {
        /// What and how to mend it.
        reason: String,
    },
}
