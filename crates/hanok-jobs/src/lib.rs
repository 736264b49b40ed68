//! The durable queue: leases with epochs, heartbeats, retries, cancellation.
//!
//! Every function takes the caller's transaction, so that a job and the rows it is
//! about change together. Knows nothing of what jobs do.

mod error;
mod policy;
mod queue;
mod reap;
mod wait;

pub use error::JobError;
pub use hanok_store::rows::jobs::{ClaimRequest, Job, Lease, NewJob};
pub use policy::Policy;
pub use queue::{Beat, BeatState, Cancelled, Completion, Failure, Queue};
pub use reap::{Reaped, STALLED, WORKER_LOST};
pub use wait::Waiter;
