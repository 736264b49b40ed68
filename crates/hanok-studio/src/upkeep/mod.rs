//! Looks after the whole installation: a check of rows against objects and of states against jobs,
//! and the removal of what nothing refers to. It belongs to no project and changes no person's things.

mod checkpoints;
mod collect;
mod contents;
mod fsck;
mod leftovers;
mod report;
mod snapshot;
mod states;
mod stranded;
mod transfer;

pub use collect::Collected;
pub use report::{Finding, Leftovers, Report};
pub use transfer::{DamagedObject, ObjectProgress, ObjectsCopied, ObjectsTold, copy_objects};

use std::time::Duration;

/// How long an object that no row names may be on its way to one. It must outlast every job: an import
/// stores chunks long before it completes.
pub const GRACE: Duration = Duration::from_secs(48 * 3600);

/// What a check is to do.
#[derive(Debug, Clone)]
pub struct Fsck {
    /// Leave out the content of objects; their lengths are looked at all the same.
    pub fast: bool,
    /// Mend what can be mended without a loss.
    pub repair: bool,
    /// Younger leftovers belong to work that goes on.
    pub grace: Duration,
    /// No server uses this installation: what a server would soon put right is found too.
    pub alone: bool,
}
