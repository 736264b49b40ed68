//! The worker process: registers with the gateway, leases jobs or hosts models, and says what happened
//! as events. It knows a URL and a token, never a database.

pub mod address;
mod error;
mod gateway;
mod host;
mod jobs;
mod limits;
mod models;
mod report;

use std::path::PathBuf;
use std::time::Duration;

use hanok_blobs::Objects;
use hanok_protocol::lease::WorkerRole;

pub use address::Address;
pub use error::WorkerError;
pub use models::{StarterFacts, starters};

/// How a worker is started.
#[derive(Clone)]
pub struct WorkerConfig {
    /// What it is for.
    pub role: WorkerRole,
    /// Where its gateway is, and how to find the next one when that goes.
    pub address: Address,
    /// Authority of the gateway's certificate, where it is a private one.
    pub ca_file: Option<PathBuf>,
    /// The data directory: objects that are not in a bucket, and copies of those that are.
    pub objects: PathBuf,
    /// Where objects are.
    pub object_settings: hanok_blobs::Settings,
    /// Folder of the checkpoints of runs.
    pub runs: PathBuf,
    /// Socket on which a hosting worker answers.
    pub socket: PathBuf,
    /// Compute threads it may use.
    pub threads: usize,
    /// Memory it may map, bytes; none: no limit.
    pub memory: Option<u64>,
    /// Longest a job may run.
    pub job_timeout: Duration,
}

impl WorkerConfig {
    /// Opens the objects. With a bucket that asks the service, so it does not block the caller.
    pub(crate) async fn open_objects(&self) -> Result<Objects, WorkerError> {
        let (place, settings) = (self.objects.clone(), self.object_settings.clone());
        let opened = tokio::task::spawn_blocking(move || Objects::open_with(place, settings));
        match opened.await {
            Ok(opened) => Ok(opened?),
            Err(error) => Err(WorkerError::io("cannot open the objects")(error.into())),
        }
    }
}

/// Why a worker ended by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// It has run a job that wanted a process of its own.
    JobDone,
    /// It was told to stop.
    Stopped,
    /// A job does not stop although it should; only the end of the process ends it.
    Stuck,
    /// No gateway was found for as long as a lease lasts.
    Orphaned,
}

/// Runs until the process is told to stop, its job is done, or no gateway is left.
///
/// # Errors
/// When the worker cannot start: no gateway answers, another protocol, no socket.
pub async fn run(config: WorkerConfig) -> Result<Ended, WorkerError> {
    limits::apply(&config)?;
    match config.role {
        WorkerRole::Jobs => jobs::run(config).await,
        WorkerRole::Host => host::run(config).await,
    }
}
