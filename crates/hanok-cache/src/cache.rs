//! The cache as others use it: one type, whatever is behind it.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use crate::figures::Counters;
use crate::memory::{self, Entries};
use crate::redis::Redis;
use crate::{CacheError, Figures, Key, RedisSettings};

/// Longer answers are not kept.
const LONGEST: usize = 1 << 20;

/// Answers kept for a while. Cheap to clone.
#[derive(Clone)]
pub struct Cache {
    shared: Arc<Shared>,
}

struct Shared {
    backend: Backend,
    counters: Counters,
}

enum Backend {
    Memory(Entries),
    Redis(Box<Redis>),
}

impl Cache {
    /// In this process, at most so many bytes.
    pub fn memory(bytes: u64) -> Self {
        Self::new(Backend::Memory(memory::entries(bytes)))
    }

    /// In Redis; connects with the first call.
    ///
    /// # Errors
    /// Settings that make no sense.
    pub fn redis(settings: RedisSettings) -> Result<Self, CacheError> {
        let redis = Redis::new(settings)?;
        Ok(Self::new(Backend::Redis(Box::new(redis))))
    }

    fn new(backend: Backend) -> Self {
        let shared = Shared {
            backend,
            counters: Counters::default(),
        };
        Self {
            shared: Arc::new(shared),
        }
    }

    /// What is kept under a name.
    pub async fn get(&self, key: &Key) -> Option<Bytes> {
        let found = match &self.shared.backend {
            Backend::Memory(entries) => entries.get(&key.to_string()).map(|(value, _)| value),
            Backend::Redis(redis) => self.forgive(redis.get(key).await).flatten(),
        };
        self.shared.counters.looked_up(found.is_some());
        found
    }

    /// Keeps an answer for so long.
    pub async fn put(&self, key: &Key, value: Bytes, ttl: Duration) {
        if value.len() > LONGEST {
            return;
        }
        match &self.shared.backend {
            Backend::Memory(entries) => entries.insert(key.to_string(), (value, ttl)),
            Backend::Redis(redis) => {
                self.forgive(redis.put(key, &value, ttl).await);
            }
        }
    }

    /// Forgets an answer.
    pub async fn remove(&self, key: &Key) {
        match &self.shared.backend {
            Backend::Memory(entries) => entries.invalidate(&key.to_string()),
            Backend::Redis(redis) => {
                self.forgive(redis.remove(key).await);
            }
        }
    }

    /// Whether what is behind it answers.
    pub async fn probe(&self) -> Result<(), CacheError> {
        match &self.shared.backend {
            Backend::Memory(_) => Ok(()),
            Backend::Redis(redis) => redis.probe().await,
        }
    }

    /// `memory` or `redis`.
    pub fn kind(&self) -> &'static str {
        match &self.shared.backend {
            Backend::Memory(_) => "memory",
            Backend::Redis(_) => "redis",
        }
    }

    /// How useful it was so far.
    pub fn figures(&self) -> Figures {
        self.shared.counters.read()
    }

    fn forgive<T>(&self, answer: Result<T, CacheError>) -> Option<T> {
        match answer {
            Ok(value) => Some(value),
            Err(error) => {
                self.shared.counters.failed();
                tracing::debug!(%error, "the cache is passed over");
                None
            }
        }
    }
}
