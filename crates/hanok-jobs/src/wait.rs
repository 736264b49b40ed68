//! Waiting for work without asking all the time. Does not claim anything.

use std::time::Duration;

use hanok_store::rows::jobs::TOPIC;
use hanok_store::{Change, Store};
use tokio::sync::broadcast::{Receiver, error::RecvError};
use tokio::time::Instant;

/// Jobs that wait out a pause announce themselves to nobody: look at least this often.
const LOOK: Duration = Duration::from_secs(1);

/// Hears of new jobs. Make it before the first claim, so that nothing is missed.
pub struct Waiter {
    changes: Receiver<Change>,
    until: Instant,
}

impl Waiter {
    /// Waits for this long in all.
    pub fn new(store: &Store, patience: Duration) -> Self {
        Self {
            changes: store.subscribe(),
            until: Instant::now() + patience,
        }
    }

    /// Returns true when another claim may succeed, false when the time is up.
    pub async fn again(&mut self) -> bool {
        let now = Instant::now();
        if now >= self.until {
            return false;
        }
        let look = self.until.min(now + LOOK);
        // Either way it is time to look: a change came, or a pause may be over.
        let _ = tokio::time::timeout_at(look, self.new_job()).await;
        true
    }

    async fn new_job(&mut self) {
        loop {
            match self.changes.recv().await {
                Ok(change) if change.topic == TOPIC => return,
                Ok(_) => {}
                Err(RecvError::Lagged(_)) => return,
                // The store is gone; the time limit ends the wait.
                Err(RecvError::Closed) => std::future::pending().await,
            }
        }
    }
}
