//! From a job's thread to the gateway: events are collected and sent in batches, at most four a second.
//! A job never waits for the network; when the gateway is away the newest events wait, bounded.

use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use hanok_protocol::lease::{LeaseRef, NewEvent};
use serde_json::{Value, json};
use tokio::sync::Notify;

use crate::WorkerError;
use crate::gateway::Gateway;

/// Pause between two batches.
const EVERY: Duration = Duration::from_millis(250);
/// Events in one batch at most.
const BATCH: usize = 1000;
/// Events that wait at most; beyond that metrics are thinned.
const WAITING: usize = 20_000;

/// Why a job is asked to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Why {
    /// Somebody cancelled it, or it is not ours any more.
    Cancelled = 1,
    /// Somebody wants it to go on later.
    Paused = 2,
}

/// What a job tells, and whether it should stop. Cheap to clone.
#[derive(Clone, Default)]
pub struct Reporter {
    waiting: Arc<Mutex<Vec<NewEvent>>>,
    /// 0, or a [`Why`].
    asked: Arc<AtomicU8>,
    finished: Arc<AtomicBool>,
    wake: Arc<Notify>,
}

impl Reporter {
    /// Adds an event.
    pub fn event(&self, kind: &str, data: Value) {
        let mut waiting = self.lock();
        if waiting.len() >= WAITING {
            let mut keep = false;
            waiting.retain(|e| {
                keep = !keep;
                e.kind != "metric" || keep
            });
        }
        waiting.push(NewEvent {
            kind: kind.to_owned(),
            data,
        });
    }

    /// A line of the log.
    pub fn log(&self, level: &str, message: impl Into<String>) {
        self.event("log", json!({ "level": level, "message": message.into() }));
    }

    /// How far the job is.
    pub fn progress(&self, done: u64, total: u64, unit: &str) {
        self.event(
            "progress",
            json!({ "done": done, "total": total, "unit": unit }),
        );
    }

    /// Whether the job is asked to stop.
    pub fn is_asked_to_stop(&self) -> bool {
        self.asked.load(Ordering::Relaxed) != 0
    }

    /// Whether it is asked to stop in order to go on later.
    pub fn is_paused(&self) -> bool {
        self.asked.load(Ordering::Relaxed) == Why::Paused as u8
    }

    /// Asks the job to stop; the last word counts.
    pub fn ask_to_stop(&self, why: Why) {
        self.asked.store(why as u8, Ordering::Relaxed);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<NewEvent>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self) -> Vec<NewEvent> {
        let mut waiting = self.lock();
        let count = waiting.len().min(BATCH);
        waiting.drain(..count).collect()
    }

    /// Sends what waits, once.
    async fn flush(&self, gateway: &Gateway, lease: &LeaseRef) -> Result<bool, WorkerError> {
        let events = self.take();
        if events.is_empty() {
            return Ok(false);
        }
        gateway.events(lease.clone(), events).await?;
        Ok(true)
    }

    /// The job has ended: what waits is the last to be sent.
    pub fn finish(&self) {
        self.finished.store(true, Ordering::Release);
        self.wake.notify_one();
    }

    /// Sends batches until [`Self::finish`] was called and nothing waits any more. It must not be
    /// dropped before that: a batch on its way would be lost.
    pub async fn pump(&self, gateway: &Gateway, lease: &LeaseRef) -> Result<(), WorkerError> {
        loop {
            // Asked before sending, so that everything told before the end is sent.
            let last = self.finished.load(Ordering::Acquire);
            while self.flush(gateway, lease).await? {}
            if last {
                return Ok(());
            }
            tokio::select! {
                () = tokio::time::sleep(EVERY) => {}
                () = self.wake.notified() => {}
            }
        }
    }
}
