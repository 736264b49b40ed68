//! Objects in a bucket of an S3 service. Requests run on threads of their own; the methods here
//! wait for them, from whatever thread they are called.

mod abandoned;
mod body;
mod failure;
mod listing;
mod locks;
mod names;
mod patience;
mod runtime;
mod service;
mod settings;
mod signed;
mod upload;
mod wire;

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;

pub(crate) use body::Body;
pub use settings::S3Settings;

use crate::address::Name;
use crate::backend::{Entry, Found};
use crate::{Leftover, ObjectError};
use locks::Locks;
use runtime::Threads;
use service::Service;
use upload::Upload;

/// For so long a bucket that has answered counts as being there.
const KNOWN: Duration = Duration::from_secs(5);

pub(crate) struct Bucket {
    service: Arc<Service>,
    threads: Threads,
    locks: Locks,
    /// When the bucket itself was last seen.
    seen: Mutex<Instant>,
}

impl Bucket {
    /// Connects, and makes the bucket if it is missing. `root` holds the locks.
    pub(crate) fn open(root: &Path, settings: &S3Settings) -> Result<Self, ObjectError> {
        let service = Arc::new(Service::new(settings)?);
        if settings.is_plain_http() {
            tracing::debug!("requests to the bucket travel unencrypted");
        }
        let threads = Threads::start()?;
        let asked = Arc::clone(&service);
        threads.wait(async move { asked.ensure_bucket().await })?;
        Ok(Self {
            service,
            threads,
            locks: Locks::new(root)?,
            seen: Mutex::new(Instant::now()),
        })
    }

    /// Fails if the bucket cannot be used now.
    pub(crate) fn probe(&self) -> Result<(), ObjectError> {
        let service = Arc::clone(&self.service);
        let there = self
            .threads
            .wait(async move { service.has_bucket().await })?;
        if !there {
            return Err(self.service.place.missing());
        }
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
        Ok(())
    }

    pub(crate) fn look(&self, name: &Name) -> Result<Option<Found>, ObjectError> {
        let (service, key) = (Arc::clone(&self.service), self.service.keys.of(name));
        let found = self.threads.wait(async move { service.look(&key).await })?;
        if found.is_none() {
            self.suspect_missing_bucket()?;
        }
        Ok(found)
    }

    /// An answer to HEAD does not tell whether the object or the whole bucket is missing.
    fn suspect_missing_bucket(&self) -> Result<(), ObjectError> {
        let seen = *self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.elapsed() < KNOWN {
            return Ok(());
        }
        self.probe()
    }

    pub(crate) fn open_object(&self, name: &Name) -> Result<Option<Body>, ObjectError> {
        let (service, key) = (Arc::clone(&self.service), self.service.keys.of(name));
        let hash = name.hash.clone();
        self.threads.wait(Body::open(service, key, hash))
    }

    /// The next bytes of a body, which comes back unless that fails.
    pub(crate) fn next_of(
        &self,
        body: &mut Option<Box<Body>>,
    ) -> Result<Option<Bytes>, ObjectError> {
        let Some(mut reading) = body.take() else {
            return Ok(None);
        };
        let (reading, bytes) = self.threads.wait(async move {
            let bytes = reading.next().await?;
            Ok((reading, bytes))
        })?;
        *body = Some(reading);
        Ok(bytes)
    }

    /// Sends a whole local file; who removes the object waits for its last request.
    pub(crate) fn publish(&self, path: &Path, name: &Name) -> Result<(), ObjectError> {
        let service = Arc::clone(&self.service);
        let upload = Upload::new(path.to_path_buf(), self.service.keys.of(name))?;
        if upload.is_small() {
            let _lock = self.locks.write(name)?;
            return self.threads.wait(upload.at_once(service));
        }
        let sent = self.threads.wait(upload.in_parts(Arc::clone(&service)))?;
        let _lock = self.locks.write(name)?;
        self.threads.wait(sent.complete(service))
    }

    pub(crate) fn remove_idle(&self, name: &Name, idle: Duration) -> Result<bool, ObjectError> {
        let (service, key) = (Arc::clone(&self.service), self.service.keys.of(name));
        let _lock = self.locks.remove(name)?;
        self.threads.wait(async move {
            match service.look(&key).await? {
                Some(found) if found.idle >= idle => service.remove(&key).await.map(|()| true),
                _ => Ok(false),
            }
        })
    }

    pub(crate) fn entries(&self, project: &str) -> Result<Vec<Entry>, ObjectError> {
        let (service, project) = (Arc::clone(&self.service), project.to_string());
        self.threads
            .wait(async move { service.entries(&project).await })
    }

    pub(crate) fn projects(&self) -> Result<Vec<String>, ObjectError> {
        let service = Arc::clone(&self.service);
        self.threads.wait(async move { service.projects().await })
    }

    pub(crate) fn uploads(&self) -> Result<Vec<Leftover>, ObjectError> {
        let service = Arc::clone(&self.service);
        self.threads.wait(async move { service.uploads().await })
    }

    pub(crate) fn abort(&self, left: &Leftover) -> Result<bool, ObjectError> {
        let (service, left) = (Arc::clone(&self.service), left.clone());
        self.threads.wait(async move { service.abort(&left).await })
    }

    pub(crate) fn sweep(&self, age: Duration) -> Result<u64, ObjectError> {
        let service = Arc::clone(&self.service);
        self.threads.wait(async move { service.sweep(age).await })
    }

    /// What cannot be swept now is swept by a later start.
    pub(crate) fn sweep_at_start(&self, age: Duration) {
        if let Err(error) = self.sweep(age) {
            tracing::warn!(%error, "uploads of killed writers could not be looked for");
        }
    }
}
