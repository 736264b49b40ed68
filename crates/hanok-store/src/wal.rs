//! The log of a SQLite file: how large it is, and what is done when readers keep it from being folded.
//! SQLite folds it by itself after a few megabytes; this is for when it cannot.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use sea_orm::{ConnectionTrait, DatabaseConnection};

use crate::files::{beside, length};
use crate::{StoreConfig, StoreError};

/// Between two attempts to fold a log that is too large.
const PAUSE: Duration = Duration::from_secs(2);
/// How long an attempt waits for readers; writers wait for it meanwhile.
const PATIENCE_MS: u32 = 500;

pub(crate) struct Wal {
    path: PathBuf,
    limit: u64,
    busy_ms: u128,
    tried: Mutex<Option<Instant>>,
    alarms: AtomicU64,
}

impl Wal {
    pub(crate) fn new(config: &StoreConfig, file: &std::path::Path) -> Self {
        Self {
            path: beside(file, "-wal"),
            limit: config.wal_limit,
            busy_ms: config.busy_timeout.as_millis(),
            tried: Mutex::new(None),
            alarms: AtomicU64::new(0),
        }
    }

    pub(crate) fn bytes(&self) -> u64 {
        length(&self.path)
    }

    pub(crate) fn alarms(&self) -> u64 {
        self.alarms.load(Ordering::Relaxed)
    }

    /// Whether the log is too large and it is time to do something about it.
    pub(crate) fn is_due(&self) -> bool {
        if self.bytes() <= self.limit {
            return false;
        }
        let mut tried = self.tried.lock().unwrap_or_else(PoisonError::into_inner);
        let due = tried.is_none_or(|at| at.elapsed() >= PAUSE);
        if due {
            *tried = Some(Instant::now());
        }
        due
    }

    /// Folds the log and empties it, unless a reader still needs it; then says so.
    pub(crate) async fn fold(&self, writer: &DatabaseConnection) -> Result<(), StoreError> {
        let before = self.bytes();
        let sql = format!(
            "PRAGMA busy_timeout = {PATIENCE_MS}; PRAGMA wal_checkpoint(TRUNCATE); \
             PRAGMA busy_timeout = {}",
            self.busy_ms
        );
        let done = writer.execute_unprepared(&sql).await;
        let bytes = self.bytes();
        if bytes > self.limit {
            self.alarms.fetch_add(1, Ordering::Relaxed);
            tracing::warn!(
                bytes,
                limit = self.limit,
                "the database's log grows: a reader keeps it from being folded"
            );
        } else {
            tracing::info!(before, bytes, "the database's log was folded");
        }
        done?;
        Ok(())
    }
}
