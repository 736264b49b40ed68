//! What a server remembers of the log between two looks: where heads are kept, what is wrong with the chain,
//! what was verified last, and what is told only now and then.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};

use super::AuditReport;
use super::denials::Denials;
use super::heads::Heads;
use super::seen::Seen;
use crate::studio::Studio;

/// Shared by all that has to do with the log.
#[derive(Default)]
pub(crate) struct Keeping {
    heads: OnceLock<Heads>,
    trouble: Mutex<Option<String>>,
    sealed: AtomicI64,
    verified: Mutex<Option<Verified>>,
    pub(super) denials: Denials,
    pub(super) seen: Seen,
}

/// The last verification of this server.
#[derive(Debug, Clone)]
pub struct Verified {
    /// µs UTC.
    pub at: i64,
    /// What it found.
    pub report: AuditReport,
}

/// Figures of the log, for monitoring.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditFigures {
    /// Place of the last row that this server saw sealed.
    pub sealed: i64,
    /// What is wrong with the chain, or with keeping its head.
    pub trouble: Option<String>,
    /// Denials that were not written, because they were too many.
    pub dropped: u64,
}

impl Keeping {
    pub(super) fn heads(&self) -> Option<&Heads> {
        self.heads.get()
    }

    pub(super) fn sealed(&self, seq: i64) {
        self.sealed.store(seq, Ordering::Relaxed);
    }

    /// Notes what is wrong, and says it in the log when it is new.
    pub(super) fn alarm(&self, trouble: String) {
        let mut present = self.trouble.lock().unwrap_or_else(PoisonError::into_inner);
        if present.as_ref() != Some(&trouble) {
            tracing::error!(
                trouble,
                "the audit log is not as it was left; run 'hanok audit verify'"
            );
            *present = Some(trouble);
        }
    }

    pub(super) fn verified(&self, verified: Verified) {
        *self.verified.lock().unwrap_or_else(PoisonError::into_inner) = Some(verified);
    }
}

impl Studio {
    /// Has heads signed and kept from now on; the first call counts.
    pub fn keep_audit_heads(&self, heads: Heads) {
        let _ = self.audit_keeping().heads.set(heads);
    }

    /// The figures as they are now.
    pub fn audit_figures(&self) -> AuditFigures {
        let keeping = self.audit_keeping();
        let trouble = keeping.trouble.lock();
        AuditFigures {
            sealed: keeping.sealed.load(Ordering::Relaxed),
            trouble: trouble.unwrap_or_else(PoisonError::into_inner).clone(),
            dropped: keeping.denials.dropped(),
        }
    }

    /// What this server verified last.
    pub fn audit_verified(&self) -> Option<Verified> {
        let verified = self.audit_keeping().verified.lock();
        verified.unwrap_or_else(PoisonError::into_inner).clone()
    }
}
