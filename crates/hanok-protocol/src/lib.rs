//! The versioned messages between gateway and worker. No behaviour, no IO: both sides parse the same structs.
//!
//! A worker registers, leases assignments, sends heartbeats and events, completes; all by HTTP
//! under `/worker/v1` of the gateway, every write with its lease epoch. The gateway calls the worker's
//! own address for inference ([`inference`]). The same messages serve a child process and a cluster.

pub mod inference;
pub mod job;
pub mod lease;
pub mod model;

/// Raised when a message changes in a way that an older peer would misread.
pub const VERSION: u32 = 3;
