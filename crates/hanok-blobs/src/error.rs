//! What can go wrong with an object, told apart by what the caller should do.

use std::io;
use std::path::{Path, PathBuf};

use hanok_domain::fault::{Fault, FaultKind};
use thiserror::Error;

/// Failure of an operation on objects.
#[derive(Debug, Error)]
pub enum ObjectError {
    /// No space, inodes or quota left, or the reserve would be touched. Nothing was stored.
    #[error(
        "the disk under {path} is full ({free} bytes free, {reserve} kept in reserve): free space and try again"
    )]
    StorageFull {
        /// A folder on that disk.
        path: PathBuf,
        /// Bytes free when it was found.
        free: u64,
        /// Bytes that are never handed out.
        reserve: u64,
    },
    /// There is no such object.
    #[error("object {hash} is not stored")]
    NotFound {
        /// Its address.
        hash: String,
    },
    /// The stored bytes are not what the address says.
    #[error("object {hash} is corrupt: restore it from a backup")]
    Corrupt {
        /// Its address.
        hash: String,
    },
    /// The object is sealed, and this store was opened without a key.
    #[error("object {hash} is encrypted: put the encryption key into the settings")]
    Locked {
        /// Its address.
        hash: String,
    },
    /// The object was sealed under another key, or for a project with another secret.
    #[error(
        "object {hash} is encrypted with another key: put the key that it was stored with into the settings"
    )]
    WrongKey {
        /// Its address.
        hash: String,
    },
    /// The object does not lie in a file of its own, and a path to it was asked for.
    #[error("object {hash} does not lie in a file; ask for a copy of it")]
    NoFile {
        /// Its address.
        hash: String,
    },
    /// The service that holds the objects does not answer, or answers that it cannot now. It was
    /// asked for as long as the settings permit.
    #[error("{what} is not available: {why}")]
    Unavailable {
        /// Which service.
        what: String,
        /// What could not be done and the last reason for that.
        why: String,
    },
    /// The service that holds the objects refuses. Asking again changes nothing.
    #[error("{what}: {why}; {remedy}")]
    Refused {
        /// Which service.
        what: String,
        /// What could not be done and what the service says.
        why: String,
        /// What an operator can do about it.
        remedy: &'static str,
    },
    /// A setting that cannot work. Nothing was asked of anybody.
    #[error("the {setting} for objects cannot be used: {why}")]
    Misconfigured {
        /// Which one.
        setting: &'static str,
        /// What is wrong; never its value if that is secret.
        why: String,
    },
    /// The content is longer than the caller allows. Nothing was stored.
    #[error("the content is longer than {limit} bytes")]
    TooLarge {
        /// The limit in bytes.
        limit: u64,
    },
    /// A project id, an address or a key of the wrong shape.
    #[error("{name:?} is no valid {what}")]
    InvalidName {
        /// What it should have been.
        what: &'static str,
        /// What came.
        name: String,
    },
    /// The disk did not confirm a write. It is not tried again: the kernel may have dropped
    /// the data and report success the second time. Writes are refused until a restart.
    #[error(
        "the disk under {path} did not confirm a write; check the disk, then restart: {source}"
    )]
    SyncFailed {
        /// The file or folder.
        path: PathBuf,
        /// What the kernel said.
        source: io::Error,
    },
    /// The content's source failed (a client that went away). Nothing was stored.
    #[error("the content could not be read: {0}")]
    Source(Box<dyn std::error::Error + Send + Sync>),
    /// Any other failure of the file system.
    #[error("cannot {action} {path}: {source}")]
    Io {
        /// What was tried.
        action: &'static str,
        /// On what.
        path: PathBuf,
        /// What the kernel said.
        source: io::Error,
    },
}

impl ObjectError {
    pub(crate) fn io(action: &'static str, path: &Path, source: io::Error) -> Self {
        Self::Io {
            action,
            path: path.to_path_buf(),
            source,
        }
    }
}

/// ENOSPC and EDQUOT, by kind: both are "full" to whoever writes.
pub(crate) fn means_full(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded
    )
}

impl From<ObjectError> for Fault {
    fn from(error: ObjectError) -> Self {
        let message = error.to_string();
        match error {
            ObjectError::StorageFull { .. } => Self::new(
                FaultKind::StorageFull,
                "storage_full",
                "The disk is full; nothing was stored.",
            )
            .remedy("Free some space and try again."),
            ObjectError::TooLarge { limit } => Self::new(
                FaultKind::TooLarge,
                "too_large",
                format!("The content is longer than {limit} bytes."),
            ),
            ObjectError::Source(_) => Self::new(
                FaultKind::Malformed,
                "upload_broken",
                "The content ended before it was whole; nothing was stored.",
            ),
            ObjectError::SyncFailed { .. } => Self::new(
                FaultKind::Overloaded,
                "storage_suspect",
                "The disk did not confirm a write.",
            )
            .remedy("Check the disk, then restart the server."),
            ObjectError::Unavailable { .. } => unavailable(&message),
            ObjectError::Refused { remedy, .. } => refused(&message, remedy),
            ObjectError::Misconfigured { .. } => {
                Self::invalid("storage_misconfigured", format!("{message}."))
            }
            _ => Self::internal(message),
        }
    }
}

/// Which service and why is for the log: whoever asks for an object need not know where it is.
fn unavailable(message: &str) -> Fault {
    tracing::warn!(error = message, "objects cannot be reached");
    Fault::new(
        FaultKind::Overloaded,
        "storage_unavailable",
        "The service that holds the objects does not answer.",
    )
    .remedy("Try again in a while.")
}

fn refused(message: &str, remedy: &str) -> Fault {
    tracing::error!(error = message, "objects cannot be used");
    Fault::new(
        FaultKind::Overloaded,
        "storage_refused",
        "The service that holds the objects refuses to work for us.",
    )
    .remedy(format!("An operator has to look at it: {remedy}."))
}
