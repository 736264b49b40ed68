//! What a check tells. Findings say that something is wrong; leftovers are only counted while they
//! are young.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Findings in a report at most; the rest are counted.
const MOST: usize = 1000;

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// Stable code, for example `object_missing`.
    pub code: String,
    /// Id or address of what is wrong.
    pub subject: String,
    /// One sentence.
    pub message: String,
    /// Whether it was mended.
    pub repaired: bool,
}

/// Things that nothing refers to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Leftovers {
    /// How many.
    pub count: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Age of the oldest, seconds.
    pub oldest_s: u64,
    /// How many of them were removed.
    pub removed: u64,
}

impl Leftovers {
    pub(super) fn add(&mut self, bytes: u64, age: Duration) {
        self.count += 1;
        self.bytes += bytes;
        self.oldest_s = self.oldest_s.max(age.as_secs());
    }
}

/// What a check found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// Nothing is wrong, or all that was is mended.
    pub clean: bool,
    /// The content of objects was left out.
    pub fast: bool,
    /// Objects looked at.
    pub objects: u64,
    /// Bytes of content compared with addresses.
    pub bytes: u64,
    /// Jobs looked at.
    pub jobs: u64,
    /// Objects that no row names.
    pub unreferenced: Leftovers,
    /// Files and folders of writers that may be dead.
    pub temporary: Leftovers,
    /// What is wrong.
    pub findings: Vec<Finding>,
    /// Further findings that are not listed.
    pub more: u64,
}

impl Report {
    /// How many findings there are, listed or not.
    pub(super) fn number(&self) -> u64 {
        self.findings.len() as u64 + self.more
    }

    pub(super) fn found(&mut self, code: &str, subject: &str, message: impl Into<String>) {
        self.note(code, subject, message.into(), false);
    }

    pub(super) fn mended(&mut self, code: &str, subject: &str, message: impl Into<String>) {
        self.note(code, subject, message.into(), true);
    }

    fn note(&mut self, code: &str, subject: &str, message: String, repaired: bool) {
        self.clean &= repaired;
        if self.findings.len() >= MOST {
            self.more += 1;
            return;
        }
        self.findings.push(Finding {
            code: code.to_owned(),
            subject: subject.to_owned(),
            message,
            repaired,
        });
    }
}
