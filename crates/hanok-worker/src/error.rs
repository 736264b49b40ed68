//! What can go wrong for a worker itself. What goes wrong in a job is a [`hanok_domain::fault::Fault`].

use hanok_domain::fault::Fault;

/// A worker's own error.
#[derive(Debug, thiserror::Error)]
pub enum WorkerError {
    /// The gateway cannot be reached (now).
    #[error("the gateway cannot be reached: {0}")]
    Unreachable(String),
    /// The lease is another's: nothing more may be written under it.
    #[error("the lease was lost")]
    LeaseLost,
    /// The gateway refused.
    #[error("the gateway refused: {0}")]
    Refused(Fault),
    /// The address file or the token cannot be read.
    #[error("{0}")]
    Address(String),
    /// Sockets, folders, limits.
    #[error("{what}: {source}")]
    Io {
        /// What was tried.
        what: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// The objects cannot be opened.
    #[error("objects: {0}")]
    Objects(#[from] hanok_blobs::ObjectError),
}

impl WorkerError {
    /// For `map_err` around system calls.
    pub fn io(what: impl Into<String>) -> impl FnOnce(std::io::Error) -> Self {
        let what = what.into();
        move |source| Self::Io { what, source }
    }
}
