//! A bounded number of requests to each origin, so that one that is slow holds up nobody else.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use hanok_domain::fault::Fault;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::refusal;

/// Origins that are remembered before those that nobody asks are forgotten.
const REMEMBERED: usize = 256;

#[derive(Debug, Default)]
pub(crate) struct Bulkhead(Mutex<HashMap<String, Arc<Semaphore>>>);

impl Bulkhead {
    /// A place at an origin that has `places`, held until it is dropped.
    pub(crate) fn enter(&self, origin: &str, places: usize) -> Result<OwnedSemaphorePermit, Fault> {
        let mut origins = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if origins.len() >= REMEMBERED {
            origins.retain(|_, free| free.available_permits() < places);
        }
        let free = origins
            .entry(origin.to_owned())
            .or_insert_with(|| Arc::new(Semaphore::new(places)));
        free.clone()
            .try_acquire_owned()
            .map_err(|_| refusal::crowded())
    }
}
