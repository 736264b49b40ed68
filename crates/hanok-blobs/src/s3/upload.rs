//! A whole local file sent to its key: at once if it is small, in parts otherwise. The key holds
//! nothing or all of it at any moment, and sending it twice changes nothing.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::PathBuf;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::{StreamExt, TryStreamExt, stream};
use object_store::multipart::{MultipartStore, PartId};
use object_store::path::Path;
use object_store::{ObjectStoreExt, PutPayload};
use tokio::task::spawn_blocking;

use super::service::Service;
use crate::ObjectError;

const ACTION: &str = "write an object";
/// Content up to this is sent at once; parts are at least as large.
const PART_BYTES: u64 = 8 << 20;
/// S3 takes no more parts than this.
const MOST_PARTS: u64 = 10_000;
/// Parts under way at a time; each is in memory.
const AT_ONCE: usize = 2;
/// The service puts parts together at this pace at least, counted as if bytes were sent.
const BYTES_PER_PART: u64 = 64 << 10;

/// A file to be sent, opened once so that its parts are of one content.
pub(super) struct Upload {
    file: Arc<File>,
    path: PathBuf,
    key: Path,
    length: u64,
}

/// Parts that are there and wait to become the object.
pub(super) struct Sent {
    upload: Upload,
    id: String,
    parts: Vec<PartId>,
}

impl Upload {
    pub(super) fn new(path: PathBuf, key: Path) -> Result<Self, ObjectError> {
        let failed = |error| ObjectError::io("read", &path, error);
        let file = File::open(&path).map_err(failed)?;
        let length = file.metadata().map_err(failed)?.len();
        Ok(Self {
            file: Arc::new(file),
            path,
            key,
            length,
        })
    }

    pub(super) fn is_small(&self) -> bool {
        self.length <= PART_BYTES
    }

    /// Sends all of a small one and makes sure that it is there.
    pub(super) async fn at_once(self, service: Arc<Service>) -> Result<(), ObjectError> {
        let content = self.read(0, self.length).await?;
        // A second time if somebody removed it before we looked.
        for _ in 0..2 {
            let put = || {
                let payload = PutPayload::from_bytes(content.clone());
                service.store.put(&self.key, payload)
            };
            let sent = service.persist(ACTION, self.length, put).await?;
            if sent.is_none() {
                return Err(service.place.missing());
            }
            if self.is_there(&service).await? {
                return Ok(());
            }
        }
        Err(not_kept(&service))
    }

    /// Sends the parts of a large one; what was sent is thrown away if one fails.
    pub(super) async fn in_parts(self, service: Arc<Service>) -> Result<Sent, ObjectError> {
        let create = || service.store.create_multipart(&self.key);
        let begun = service.persist(ACTION, 0, create).await?;
        let id = begun.ok_or_else(|| service.place.missing())?;
        let size = part_size(self.length);
        let count = self.length.div_ceil(size);
        let sent: Result<Vec<PartId>, ObjectError> = stream::iter(0..count)
            .map(|number| self.part(&service, &id, number, size))
            .buffered(AT_ONCE)
            .try_collect()
            .await;
        match sent {
            Ok(parts) => Ok(Sent {
                upload: self,
                id,
                parts,
            }),
            Err(error) => {
                give_up(&service, &self.key, &id).await;
                Err(error)
            }
        }
    }

    async fn part(
        &self,
        service: &Service,
        id: &String,
        number: u64,
        size: u64,
    ) -> Result<PartId, ObjectError> {
        let at = number * size;
        let content = self.read(at, size.min(self.length - at)).await?;
        let put = || {
            let payload = PutPayload::from_bytes(content.clone());
            service
                .store
                .put_part(&self.key, id, number as usize, payload)
        };
        let sent = service.persist(ACTION, size, put).await?;
        sent.ok_or_else(|| not_kept(service))
    }

    async fn read(&self, at: u64, length: u64) -> Result<Bytes, ObjectError> {
        let file = Arc::clone(&self.file);
        let read = spawn_blocking(move || {
            let mut content = vec![0; length as usize];
            file.read_exact_at(&mut content, at)
                .map(|()| Bytes::from(content))
        });
        let read = read
            .await
            .map_err(|error| ObjectError::Source(error.into()))?;
        read.map_err(|error| ObjectError::io("read", &self.path, error))
    }

    async fn is_there(&self, service: &Service) -> Result<bool, ObjectError> {
        let found = service.look(&self.key).await?;
        Ok(found.is_some_and(|found| found.length == self.length))
    }
}

impl Sent {
    /// Makes the parts the object and makes sure that it is there.
    pub(super) async fn complete(self, service: Arc<Service>) -> Result<(), ObjectError> {
        let key = &self.upload.key;
        let bytes = self.parts.len() as u64 * BYTES_PER_PART;
        let complete = || {
            let parts = self.parts.clone();
            service.store.complete_multipart(key, &self.id, parts)
        };
        if let Err(error) = service.persist(ACTION, bytes, complete).await {
            give_up(&service, key, &self.id).await;
            return Err(error);
        }
        // An upload that is gone may be one that was completed and whose answer was lost.
        if self.upload.is_there(&service).await? {
            return Ok(());
        }
        Err(not_kept(&service))
    }
}

/// Aborts an upload. One that stays is found by the next sweep.
async fn give_up(service: &Service, key: &Path, id: &String) {
    let abort = || service.store.abort_multipart(key, id);
    if let Err(error) = service.persist("abort an upload", 0, abort).await {
        tracing::warn!(%error, key = key.as_ref(), "an upload stays until the next sweep");
    }
}

fn not_kept(service: &Service) -> ObjectError {
    let why = "it says that it has stored the object and does not have it";
    service.place.unavailable(ACTION, why)
}

/// As small as the limit on their number permits, in whole megabytes.
fn part_size(length: u64) -> u64 {
    let smallest = length.div_ceil(MOST_PARTS);
    PART_BYTES.max(smallest.next_multiple_of(1 << 20))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_grow_so_that_their_number_fits() {
        assert_eq!(part_size(PART_BYTES + 1), PART_BYTES);
        assert_eq!(part_size(PART_BYTES * MOST_PARTS), PART_BYTES);
        for length in [PART_BYTES * MOST_PARTS + 1, 1 << 40, 5 << 40] {
            let size = part_size(length);
            assert!(length.div_ceil(size) <= MOST_PARTS, "{length}");
            assert!(size <= 5 << 30, "{length}");
        }
    }
}
