//! What writers leave when they are killed: temporary files, uploads to a bucket, half-made
//! directories of models.

use hanok_blobs::Leftover;
use hanok_domain::fault::Fault;

use super::{Fsck, Report};
use crate::studio::Studio;

/// Folders of the data directory and how the names in them begin that are not finished.
const UNFINISHED: [(&str, &str); 2] = [("tmp", ""), ("models/loaded", "part_")];

impl Studio {
    pub(super) fn check_leftovers(&self, how: &Fsck, report: &mut Report) -> Result<(), Fault> {
        for (folder, begin) in UNFINISHED {
            for left in self.objects().leftovers(folder, begin)? {
                report.temporary.add(left.size, left.idle);
                if left.idle < how.grace {
                    continue;
                }
                let name = left.path.display().to_string();
                let text = "A writer was killed and nobody has removed what it left.";
                if how.repair && self.remove_leftover(&left) {
                    report.temporary.removed += 1;
                    report.mended("leftover", &name, text);
                } else {
                    report.found("leftover", &name, text);
                }
            }
        }
        Ok(())
    }

    /// Removes what has been idle for `grace`; tells how many.
    pub(super) fn remove_leftovers(&self, grace: std::time::Duration) -> Result<u64, Fault> {
        let mut removed = 0;
        for (folder, begin) in UNFINISHED {
            let old = self.objects().leftovers(folder, begin)?.into_iter();
            removed += old
                .filter(|left| left.idle >= grace && self.remove_leftover(left))
                .count() as u64;
        }
        Ok(removed)
    }

    pub(super) fn remove_leftover(&self, left: &Leftover) -> bool {
        let removed = self.objects().remove_leftover(left);
        removed.unwrap_or_else(|error| {
            tracing::warn!(path = %left.path.display(), %error, "a leftover stays");
            false
        })
    }
}
