//! A folder for what a training writes before it becomes objects. It is gone with the training; what a
//! killed worker left behind goes with the next one.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use hanok_domain::fault::Fault;
use hanok_domain::id;

/// A folder that nobody has written to for so long belongs to nobody.
const ABANDONED: Duration = Duration::from_secs(7 * 24 * 3600);

/// A folder that is removed when this is dropped.
pub struct Scratch(PathBuf);

impl Scratch {
    /// Makes one under `root`.
    pub fn new(root: &Path) -> Result<Self, Fault> {
        sweep(root);
        let dir = root.join(id::new("train"));
        fs::create_dir_all(&dir)
            .map_err(|e| Fault::internal(format!("cannot make {}: {e}", dir.display())))?;
        Ok(Self(dir))
    }

    /// A path inside.
    pub fn join(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.0) {
            tracing::warn!(path = %self.0.display(), %error, "a scratch folder stays");
        }
    }
}

fn sweep(root: &Path) {
    let entries = fs::read_dir(root).into_iter().flatten().flatten();
    for entry in entries {
        let modified = entry.metadata().and_then(|found| found.modified());
        let idle = modified.ok().and_then(|time| time.elapsed().ok());
        if idle.is_some_and(|idle| idle > ABANDONED) {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}
