//! Workers looked at by people.

use hanok_domain::fault::Fault;
use serde::{Deserialize, Serialize};

use crate::studio::Studio;
use crate::time::rfc3339;

/// A worker as surfaces show it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct WorkerView {
    /// `wkr_…`.
    pub id: String,
    /// `jobs` or `host`.
    pub role: String,
    /// `ready` while it lives, `silent` once three heartbeats are missing.
    pub state: String,
    /// Threads that it may compute with.
    pub threads: i64,
    /// Its last sign of life, RFC 3339.
    pub seen_at: String,
}

/// Rows of workers that were silent for so long are removed, µs.
const DEAD_AFTER: i64 = 600_000_000;

impl Studio {
    /// Removes the rows of workers that died without a word, long ago.
    pub(super) async fn forget_dead(&self) -> Result<(), Fault> {
        let dead: Vec<String> = self
            .store()
            .read(|tx| async move {
                let before = tx.steady().await? - DEAD_AFTER;
                let rows = tx.workers().list().await?.into_iter();
                let dead = rows.filter(|row| row.heartbeat_at < before);
                Ok::<_, Fault>(dead.map(|row| row.id).collect())
            })
            .await?;
        for worker in &dead {
            self.store()
                .write(|tx| async move { tx.workers().remove(worker).await })
                .await?;
        }
        Ok(())
    }

    /// The workers that gave a sign of life within a lease. They belong to the
    /// installation, not to a project; what they work on is not told here.
    pub async fn workers(&self) -> Result<Vec<WorkerView>, Fault> {
        let micros = |d: std::time::Duration| i64::try_from(d.as_micros()).unwrap_or(i64::MAX);
        let lease = micros(self.timing().lease);
        let alive = micros(self.timing().heartbeat * 3);
        let (now, rows) =
            self.store()
                .read(|tx| async move {
                    Ok::<_, Fault>((tx.steady().await?, tx.workers().list().await?))
                })
                .await?;
        let silence = |at: i64| now.saturating_sub(at);
        let recent = rows
            .into_iter()
            .filter(|row| silence(row.heartbeat_at) < lease);
        let view = |row: hanok_store::rows::workers::Worker| WorkerView {
            state: if silence(row.heartbeat_at) < alive {
                "ready"
            } else {
                "silent"
            }
            .to_owned(),
            seen_at: rfc3339(row.heartbeat_at),
            id: row.id,
            role: row.kind,
            threads: row.threads,
        };
        Ok(recent.map(view).collect())
    }
}
