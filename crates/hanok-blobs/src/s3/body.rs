//! An object's bytes as they come from the service: after a cut they go on where they stopped.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::stream::BoxStream;
use object_store::path::Path;
use object_store::{GetOptions, GetRange, ObjectStore};
use tokio::time::{sleep, timeout};

use super::failure::Verdict;
use super::patience::Pauses;
use super::service::Service;
use crate::ObjectError;

const ACTION: &str = "read an object";
const SLOW: &str = "it sends too slowly or nothing at all";

/// An object being read.
pub(crate) struct Body {
    service: Arc<Service>,
    key: Path,
    hash: String,
    length: u64,
    etag: Option<String>,
    at: u64,
    stream: Option<BoxStream<'static, object_store::Result<Bytes>>>,
    pauses: Pauses,
    /// Time spent on the service, not on whoever reads.
    waited: Duration,
}

impl Body {
    /// None if there is no such object.
    pub(super) async fn open(
        service: Arc<Service>,
        key: Path,
        hash: String,
    ) -> Result<Option<Self>, ObjectError> {
        let get = || service.store.get_opts(&key, GetOptions::default());
        let Some(opened) = service.persist(ACTION, 0, get).await? else {
            return Ok(None);
        };
        Ok(Some(Self {
            length: opened.meta.size,
            etag: opened.meta.e_tag.clone(),
            at: 0,
            stream: Some(opened.into_stream()),
            pauses: service.patience.pauses(),
            waited: Duration::ZERO,
            service,
            key,
            hash,
        }))
    }

    pub(crate) fn length(&self) -> u64 {
        self.length
    }

    /// The next bytes, never none of them; nothing once all have come.
    pub(super) async fn next(&mut self) -> Result<Option<Bytes>, ObjectError> {
        let mut why = SLOW.to_string();
        while self.at < self.length {
            let left = self.service.patience.of(self.at).checked_sub(self.waited);
            let Some(left) = left.filter(|left| !left.is_zero()) else {
                return Err(self.service.place.unavailable(ACTION, &why));
            };
            let begun = Instant::now();
            let one_try = self.service.patience.of_try(0);
            let step = timeout(left.min(one_try), self.step()).await;
            self.waited += begun.elapsed();
            why = match step {
                Ok(Ok(bytes)) if bytes.is_empty() => continue,
                Ok(Ok(bytes)) => {
                    self.at += bytes.len() as u64;
                    return Ok(Some(bytes));
                }
                Ok(Err(Verdict::Passing(why))) => why,
                Ok(Err(Verdict::Final(error))) => return Err(error),
                Ok(Err(Verdict::Absent)) => {
                    let hash = self.hash.clone();
                    return Err(ObjectError::NotFound { hash });
                }
                Err(_) => SLOW.into(),
            };
            self.stream = None;
            let pause = self.pauses.next().min(left);
            self.waited += pause;
            sleep(pause).await;
        }
        Ok(None)
    }

    async fn step(&mut self) -> Result<Bytes, Verdict> {
        let stream = match &mut self.stream {
            Some(stream) => stream,
            None => {
                // The rest of the same object: one that was replaced meanwhile has another mark.
                let rest = GetOptions {
                    range: Some(GetRange::Bounded(self.at..self.length)),
                    if_match: self.etag.clone(),
                    ..GetOptions::default()
                };
                let (service, key) = (Arc::clone(&self.service), self.key.clone());
                let opened = service.store.get_opts(&key, rest).await;
                let opened = opened.map_err(|error| service.place.judge(ACTION, &error))?;
                self.stream.insert(opened.into_stream())
            }
        };
        match stream.next().await {
            Some(Ok(bytes)) => Ok(bytes),
            Some(Err(error)) => Err(self.service.place.judge(ACTION, &error)),
            None => Err(Verdict::Passing("the connection ended early".into())),
        }
    }
}
