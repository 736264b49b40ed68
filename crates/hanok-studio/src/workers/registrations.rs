//! The workers that registered with this server process: who they are, for whoever keeps the pool full.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use hanok_protocol::lease::{Register, WorkerRole};

/// One worker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registration {
    /// The name it goes by.
    pub id: String,
    /// What it is for.
    pub role: WorkerRole,
    /// Its process, on its own machine.
    pub pid: u32,
}

/// All of them, by id.
#[derive(Default)]
pub struct Registrations(Mutex<HashMap<String, Registration>>);

impl Registrations {
    /// Notes a worker.
    pub fn add(&self, message: &Register) {
        let registration = Registration {
            id: message.worker.clone(),
            role: message.role,
            pid: message.pid,
        };
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // A process that registers under another id is another worker; its earlier life is over.
        known.retain(|_, other| other.pid != message.pid);
        known.insert(message.worker.clone(), registration);
    }

    /// Forgets a worker that has left.
    pub fn remove(&self, worker: &str) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.remove(worker);
    }

    /// Everyone.
    pub fn all(&self) -> Vec<Registration> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.values().cloned().collect()
    }
}
