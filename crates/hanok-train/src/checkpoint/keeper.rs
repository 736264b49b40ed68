//! When a checkpoint is due, and which stay.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::time::Instant;

use hanok_nn::Named;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::write::{Snapshot, hex, write};
use super::{Checkpoints, Progress, read};
use crate::optimizer::Optimizer;
use crate::{Flow, TrainError, TrainEvent};

/// What stands in a checkpoint's `state.json`.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Stored {
    progress: Progress,
    optimizer_steps: u64,
}

/// What was gone on from.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Kept {
    /// Where the training is now.
    pub progress: Progress,
    /// Checkpoints that could not be used, and why.
    pub broken: Vec<String>,
}

/// Writes the checkpoints of one training, or none.
pub(crate) struct Keeper<'a> {
    to: Option<&'a Checkpoints>,
    fingerprint: String,
    written: (Instant, usize),
}

impl<'a> Keeper<'a> {
    /// `settings` and `rows` are what the result follows from.
    pub fn new<'r>(
        to: Option<&'a Checkpoints>,
        settings: &impl Serialize,
        rows: impl Iterator<Item = &'r [u32]>,
    ) -> Result<Self, TrainError> {
        let settings = serde_json::to_vec(settings)
            .map_err(|e| TrainError::checkpoint(format!("cannot name the settings: {e}")))?;
        let mut hash = Sha256::new();
        hash.update(&settings);
        for row in rows {
            hash.update((row.len() as u64).to_le_bytes());
            row.iter()
                .for_each(|token| hash.update(token.to_le_bytes()));
        }
        Ok(Self {
            to,
            fingerprint: hex(&hash.finalize()),
            written: (Instant::now(), 0),
        })
    }

    /// Puts weights and optimiser back to where the newest whole checkpoint has them.
    pub fn restore(
        &mut self,
        weights: Named<'_>,
        optimizer: &mut Optimizer,
    ) -> Result<Kept, TrainError> {
        let Some(to) = self.to else {
            return Ok(Kept::default());
        };
        let found = read::newest(&to.run, &self.fingerprint)?;
        let Some((stored, mut numbers)) = found.newest else {
            if found.broken.is_empty() || to.from_zero {
                return Ok(Kept {
                    broken: found.broken,
                    ..Kept::default()
                });
            }
            return Err(TrainError::NoCheckpoint {
                reason: found.broken.join("; "),
            });
        };
        for (name, weight) in weights {
            let saved = numbers.weights.remove(&name);
            let fits = saved.filter(|saved| saved.len() == weight.value.len());
            weight.value = fits.ok_or_else(|| {
                TrainError::checkpoint(format!("does not have {name} as the model has it"))
            })?;
        }
        optimizer.restore(numbers.moments, stored.optimizer_steps);
        self.written = (Instant::now(), stored.progress.step);
        Ok(Kept {
            progress: stored.progress,
            broken: found.broken,
        })
    }

    /// Tells of something; then writes a checkpoint if one is due, or if nothing follows.
    pub fn tell(
        &mut self,
        event: &TrainEvent,
        observe: &mut dyn FnMut(&TrainEvent) -> Flow,
        at: &Progress,
        optimizer: &Optimizer,
        weights: Named<'_>,
    ) -> Result<(), TrainError> {
        let flow = observe(event);
        let step = at.step;
        if (flow == Flow::Stop || self.is_due(step)) && self.write(at, weights, optimizer)? {
            observe(&TrainEvent::Saved { step });
        }
        match flow {
            Flow::Continue => Ok(()),
            Flow::Stop => Err(TrainError::Stopped { step }),
        }
    }

    /// Whether so much was done since the last one that the next is due.
    fn is_due(&self, step: usize) -> bool {
        let (at, before) = self.written;
        self.to.is_some_and(|to| {
            step > before
                && (at.elapsed() >= to.every
                    || to.every_steps.is_some_and(|most| step - before >= most))
        })
    }

    /// Writes one and removes those that need not stay; whether checkpoints are wanted at all.
    fn write(
        &mut self,
        progress: &Progress,
        weights: Named<'_>,
        optimizer: &Optimizer,
    ) -> Result<bool, TrainError> {
        let Some(to) = self.to else { return Ok(false) };
        let stored = Stored {
            progress: progress.clone(),
            optimizer_steps: optimizer.steps(),
        };
        let state = serde_json::to_vec(&stored)
            .map_err(|e| TrainError::checkpoint(format!("cannot be written: {e}")))?;
        let attempt = self.attempt(to)?;
        let snapshot = Snapshot {
            fingerprint: &self.fingerprint,
            state,
            weights,
            moments: optimizer.moments(),
        };
        write(&attempt, &name(progress.step), snapshot)?;
        self.written = (Instant::now(), progress.step);
        prune(&attempt, to.keep, progress.best.map(|best| best.step));
        Ok(true)
    }

    /// The attempt's folder, which is made; a link in its place is refused.
    fn attempt(&self, to: &Checkpoints) -> Result<PathBuf, TrainError> {
        let attempt = to.run.join(&to.attempt);
        for place in [&to.run, &attempt] {
            if place
                .symlink_metadata()
                .is_ok_and(|facts| facts.is_symlink())
            {
                return Err(read::link(place));
            }
        }
        fs::create_dir_all(&attempt)
            .map_err(|e| TrainError::checkpoint(format!("cannot be written: {e}")))?;
        Ok(attempt)
    }
}

fn name(step: usize) -> String {
    format!("step-{step:09}")
}

/// Removes all checkpoints of the attempt but the newest and the best.
fn prune(attempt: &std::path::Path, keep: usize, best: Option<usize>) {
    let entries = fs::read_dir(attempt).into_iter().flatten().flatten();
    let names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
    let mut names: BTreeSet<String> = names.filter(|n| n.starts_with("step-")).collect();
    for _ in 0..keep.max(1) {
        names.pop_last();
    }
    for old in names {
        if best.map(name).as_ref() != Some(&old) {
            // What stays costs space only.
            let _ = fs::remove_dir_all(attempt.join(old));
        }
    }
}
