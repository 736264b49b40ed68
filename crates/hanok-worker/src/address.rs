//! Where the gateway is. At home a file in the data directory says so, and says anew when a successor
//! starts; in a cluster it is a URL and a token.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::WorkerError;

/// How a worker finds its gateway.
#[derive(Debug, Clone)]
pub enum Address {
    /// A file with an [`Endpoint`], rewritten by each gateway that starts.
    File(PathBuf),
    /// Fixed.
    Fixed(Endpoint),
}

/// A gateway's URL and the token for workers.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Endpoint {
    /// For example `http://127.0.0.1:8080`.
    pub url: String,
    /// Bearer token.
    pub token: String,
}

impl std::fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Endpoint")
            .field("url", &self.url)
            .finish_non_exhaustive()
    }
}

impl Address {
    /// The gateway as it is now.
    pub fn endpoint(&self) -> Result<Endpoint, WorkerError> {
        match self {
            Self::Fixed(endpoint) => Ok(endpoint.clone()),
            Self::File(path) => read(path),
        }
    }
}

fn read(path: &Path) -> Result<Endpoint, WorkerError> {
    let bad = |reason: String| WorkerError::Address(format!("{}: {reason}", path.display()));
    let text = std::fs::read_to_string(path).map_err(|e| bad(e.to_string()))?;
    serde_json::from_str(&text).map_err(|e| bad(e.to_string()))
}
