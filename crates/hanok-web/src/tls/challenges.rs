//! Answers that a certificate authority may ask for over plain HTTP (RFC 8555, 8.3), for as long as the
//! order lasts.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The answers on offer.
#[derive(Debug, Clone, Default)]
pub struct Challenges(Arc<Mutex<HashMap<String, String>>>);

/// An answer on offer; dropping it takes it away.
#[derive(Debug)]
pub struct Held {
    challenges: Challenges,
    token: String,
}

impl Challenges {
    /// Offers an answer.
    pub fn offer(&self, token: &str, answer: &str) -> Held {
        self.map().insert(token.to_owned(), answer.to_owned());
        Held {
            challenges: self.clone(),
            token: token.to_owned(),
        }
    }

    /// The answer for a token, if one is on offer.
    pub fn answer(&self, token: &str) -> Option<String> {
        self.map().get(token).cloned()
    }

    fn map(&self) -> MutexGuard<'_, HashMap<String, String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.challenges.map().remove(&self.token);
    }
}
