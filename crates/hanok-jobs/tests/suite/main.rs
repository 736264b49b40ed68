//! The queue's suite: every body runs on every database that there is.

mod cancel;
mod claim;
mod clock;
mod fence;
mod reap;
mod support;
mod waiting;
