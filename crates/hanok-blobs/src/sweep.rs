//! Temporary files that a killed writer left behind.

use std::fs;
use std::path::Path;
use std::time::{Duration, SystemTime};

use crate::ObjectError;

/// Removes temporary files that nobody has written to for `age`; tells how many.
pub(crate) fn sweep(temps: &Path, age: Duration) -> Result<u64, ObjectError> {
    let now = SystemTime::now();
    let entries =
        fs::read_dir(temps).map_err(|error| ObjectError::io("list folder", temps, error))?;
    let mut removed = 0;
    for entry in entries {
        let entry = entry.map_err(|error| ObjectError::io("list folder", temps, error))?;
        // A file that vanishes while we look belongs to a writer that is alive.
        let Ok(modified) = entry.metadata().and_then(|found| found.modified()) else {
            continue;
        };
        // A file from the future (the clock went back) counts as fresh.
        let idle = now.duration_since(modified).unwrap_or_default();
        if idle >= age && fs::remove_file(entry.path()).is_ok() {
            removed += 1;
        }
    }
    if removed > 0 {
        tracing::info!(removed, folder = %temps.display(), "removed temporary files of killed writers");
    }
    Ok(removed)
}
