//! How much a host computes at once: a few requests run, a bounded number waits, the rest is told to come
//! back later.

use std::sync::Arc;

use hanok_domain::fault::{Fault, FaultKind};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Places for requests of one kind.
#[derive(Clone)]
pub struct Gate {
    running: Arc<Semaphore>,
    places: Arc<Semaphore>,
}

/// The right to run; it ends when this is dropped.
#[derive(Debug)]
pub struct Pass {
    _place: OwnedSemaphorePermit,
    _running: OwnedSemaphorePermit,
}

impl Gate {
    /// So many at once, and so many that wait.
    pub fn new(running: usize, waiting: usize) -> Self {
        Self {
            running: Arc::new(Semaphore::new(running)),
            places: Arc::new(Semaphore::new(running + waiting)),
        }
    }

    /// Waits for a turn; refuses at once when too many wait already.
    pub async fn enter(&self) -> Result<Pass, Fault> {
        let place = self
            .places
            .clone()
            .try_acquire_owned()
            .map_err(|_| busy())?;
        let running = self.running.clone().acquire_owned().await;
        Ok(Pass {
            _place: place,
            _running: running.map_err(|_| busy())?,
        })
    }
}

fn busy() -> Fault {
    Fault::new(
        FaultKind::Overloaded,
        "busy",
        "Too many requests wait for a model.",
    )
    .remedy("Try again in a few seconds.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_neither_runs_nor_fits_the_queue_is_refused() {
        let gate = Gate::new(1, 1);
        let first = gate.enter().await.expect("runs");
        let second = tokio::spawn({
            let gate = gate.clone();
            async move { gate.enter().await.is_ok() }
        });
        while gate.places.available_permits() > 0 {
            tokio::task::yield_now().await;
        }
        let third = gate.enter().await.expect_err("is refused");
        assert_eq!(
            (third.kind, third.code.as_ref()),
            (FaultKind::Overloaded, "busy")
        );
        drop(first);
        assert!(second.await.unwrap(), "whoever waited gets its turn");
        assert!(gate.enter().await.is_ok());
    }
}
