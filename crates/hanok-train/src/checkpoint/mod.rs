//! Checkpoints: everything a training needs to go on to the same bits, in directories that are complete
//! or not there at all.
//!
//! Owns their layout, the order in which they are written, which are kept and which is gone on from. Does
//! not own the models that a run offers to people: those are [`crate::TrainEvent::Checkpoint`].

mod keeper;
mod read;
mod state;
mod write;

use std::path::PathBuf;
use std::time::Duration;

use crate::TrainEvent;
pub(crate) use keeper::Keeper;
pub(crate) use state::Progress;

/// Where a training writes its checkpoints, and how often.
#[derive(Debug, Clone)]
pub struct Checkpoints {
    /// Folder of the run. Every attempt has a folder of its own in it.
    pub run: PathBuf,
    /// Folder of this attempt, a plain name: what an earlier attempt still writes stays apart.
    pub attempt: String,
    /// Longest time without one.
    pub every: Duration,
    /// Most steps without one.
    pub every_steps: Option<usize>,
    /// How many of the newest stay; the best by validation loss stays beside them.
    pub keep: usize,
    /// Begin again although all checkpoints that there were are broken.
    pub from_zero: bool,
}

impl Checkpoints {
    /// One a minute, two kept.
    pub fn new(run: PathBuf, attempt: impl Into<String>) -> Self {
        Self {
            run,
            attempt: attempt.into(),
            every: Duration::from_secs(60),
            every_steps: None,
            keep: 2,
            from_zero: false,
        }
    }
}

/// What there is to tell of going on, if anything.
pub(crate) fn resumed(step: usize, broken: Vec<String>) -> Option<TrainEvent> {
    (step > 0 || !broken.is_empty()).then_some(TrainEvent::Resumed { step, broken })
}
