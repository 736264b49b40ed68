//! Moving objects from one place to another, for instance from the disk to a bucket. Each is checked by its
//! address while it is read; what is there already is left alone, so that it can end at any moment and go
//! on later. Rows move elsewhere; nobody may store objects in the source meanwhile.

use std::collections::HashMap;
use std::io;

use bytes::{Bytes, BytesMut};
use futures_util::{Stream, StreamExt, stream};
use hanok_blobs::{ObjectError, ObjectReader, ObjectRef, Objects, ProjectKey};
use hanok_domain::fault::Fault;
use hanok_store::Store;
use hanok_store::rows::objects::ObjectRow;
use hanok_store::rows::projects::Project;
use serde::Serialize;
use tokio::io::AsyncReadExt;
use tokio::task::spawn_blocking;

/// Objects on their way at once: a bucket answers each after a while.
const AT_ONCE: usize = 4;
/// Bytes of an object that are on their way at once.
const PART: usize = 256 << 10;
const PAGE: u64 = 1000;

/// How far a transfer of objects is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ObjectProgress {
    /// Objects looked at.
    pub objects: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Objects that there are.
    pub objects_total: u64,
    /// Their bytes.
    pub bytes_total: u64,
}

/// An object that was not copied, since it is not what its name says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DamagedObject {
    /// Whose it is.
    pub project: String,
    /// Its address.
    pub hash: String,
    /// What is wrong with it.
    pub message: String,
}

/// What a transfer of objects has done.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct ObjectsCopied {
    /// Objects that were copied now.
    pub copied: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Objects that were there already.
    pub present: u64,
    /// Objects that rows name or the source holds, and that could not be copied.
    pub damaged: Vec<DamagedObject>,
    /// Projects with objects in the source that no row knows: their key is not known either.
    pub unknown_projects: Vec<String>,
}

/// Called after each object.
pub type ObjectsTold<'t> = dyn FnMut(ObjectProgress) + Send + 't;

/// Copies every object of every project that the store knows. Damaged ones are told of in the outcome, and
/// the others are copied all the same.
///
/// # Errors
/// A store, a source or a target that cannot be used; what was copied until then stays.
pub async fn copy_objects(
    store: &Store,
    from: &Objects,
    to: &Objects,
    told: &mut ObjectsTold<'_>,
) -> Result<ObjectsCopied, Fault> {
    let projects: Vec<Project> = store
        .read(|tx| async move { tx.projects().list().await })
        .await?;
    let mut progress = ObjectProgress::default();
    for project in &projects {
        let objects = listed(from, &project.id).await?;
        progress.objects_total += objects.len() as u64;
        progress.bytes_total += objects.iter().map(|object| object.size).sum::<u64>();
    }
    let mut copied = ObjectsCopied::default();
    for project in &projects {
        let key = ProjectKey::from_hex(&project.id, project.object_key.expose())?;
        let sides = Sides { key, from, to };
        sides
            .copy_project(store, &mut copied, &mut progress, told)
            .await?;
    }
    let known = |id: &String| projects.iter().any(|project| project.id == *id);
    let all = from.projects()?.into_iter();
    copied.unknown_projects = all.filter(|id| !known(id)).collect();
    Ok(copied)
}

/// One project's objects on both sides.
struct Sides<'o> {
    key: ProjectKey,
    from: &'o Objects,
    to: &'o Objects,
}

impl Sides<'_> {
    async fn copy_project(
        &self,
        store: &Store,
        copied: &mut ObjectsCopied,
        progress: &mut ObjectProgress,
        told: &mut ObjectsTold<'_>,
    ) -> Result<(), Fault> {
        let objects = listed(self.from, &self.key.id).await?;
        let there: HashMap<String, u64> = by_hash(listed(self.to, &self.key.id).await?);
        let here: HashMap<String, u64> = by_hash(objects.clone());
        for lost in self.lost(store, &here, &there).await? {
            copied.damaged.push(lost);
        }
        let (present, missing): (Vec<_>, Vec<_>) = objects
            .into_iter()
            .partition(|object| there.get(&object.hash) == Some(&object.size));
        copied.present += present.len() as u64;
        progress.objects += present.len() as u64;
        progress.bytes += present.iter().map(|object| object.size).sum::<u64>();
        told(*progress);
        let copies = stream::iter(missing).map(|object| async move {
            let done = self.copy(&object).await;
            (object, done)
        });
        let mut copies = std::pin::pin!(copies.buffer_unordered(AT_ONCE));
        while let Some((object, done)) = copies.next().await {
            match done? {
                None => {
                    copied.copied += 1;
                    copied.bytes += object.size;
                }
                Some(message) => copied.damaged.push(self.damaged(object.hash, message)),
            }
            progress.objects += 1;
            progress.bytes += object.size;
            told(*progress);
        }
        Ok(())
    }

    /// What is wrong with the object, if so.
    async fn copy(&self, object: &ObjectRef) -> Result<Option<String>, Fault> {
        let content = match self.from.get(&self.key, &object.hash).await {
            Ok(content) => content,
            Err(error) => return of_source(error),
        };
        let put = self
            .to
            .put_stream(&self.key, parts(content), object.size)
            .await;
        match put {
            Ok(stored) if stored == *object => Ok(None),
            Ok(stored) => Ok(Some(format!("it is {} by its content", stored.hash))),
            Err(ObjectError::Source(error)) => match error.downcast::<io::Error>() {
                Ok(error) if error.kind() == io::ErrorKind::InvalidData => {
                    Ok(Some(error.to_string()))
                }
                Ok(error) => Err(ObjectError::Source(error).into()),
                Err(error) => Err(ObjectError::Source(error).into()),
            },
            Err(ObjectError::TooLarge { .. }) => Ok(Some("it is longer than it was".to_owned())),
            Err(error) => Err(error.into()),
        }
    }

    /// Objects that rows name and that lie on neither side.
    async fn lost(
        &self,
        store: &Store,
        here: &HashMap<String, u64>,
        there: &HashMap<String, u64>,
    ) -> Result<Vec<DamagedObject>, Fault> {
        let (id, mut after) = (self.key.id.as_str(), String::new());
        let mut lost = Vec::new();
        loop {
            let rows: Vec<ObjectRow> = store
                .read(|tx| {
                    let after = after.clone();
                    async move { tx.objects().list(id, &after, PAGE).await }
                })
                .await?;
            let Some(last) = rows.last() else {
                return Ok(lost);
            };
            after.clone_from(&last.hash);
            let gone = rows.into_iter().map(|row| row.hash);
            let gone = gone.filter(|hash| !here.contains_key(hash) && !there.contains_key(hash));
            lost.extend(gone.map(|hash| self.damaged(hash, "it is not there".to_owned())));
        }
    }

    fn damaged(&self, hash: String, message: String) -> DamagedObject {
        DamagedObject {
            project: self.key.id.clone(),
            hash,
            message,
        }
    }
}

/// Damage is told of; a key that does not fit or a service that is away ends the transfer.
fn of_source(error: ObjectError) -> Result<Option<String>, Fault> {
    match error {
        ObjectError::Corrupt { .. } | ObjectError::NotFound { .. } => Ok(Some(error.to_string())),
        error => Err(error.into()),
    }
}

async fn listed(objects: &Objects, project: &str) -> Result<Vec<ObjectRef>, Fault> {
    let (objects, project) = (objects.clone(), project.to_owned());
    let listed = spawn_blocking(move || objects.list(&project)).await;
    Ok(listed.unwrap_or_else(|error| Err(ObjectError::Source(error.into())))?)
}

fn by_hash(objects: Vec<ObjectRef>) -> HashMap<String, u64> {
    let pairs = objects.into_iter().map(|object| (object.hash, object.size));
    pairs.collect()
}

fn parts(content: ObjectReader) -> impl Stream<Item = io::Result<Bytes>> {
    stream::try_unfold(content, |mut content| async move {
        let mut part = BytesMut::with_capacity(PART);
        match content.read_buf(&mut part).await? {
            0 => Ok(None),
            _ => Ok(Some((part.freeze(), content))),
        }
    })
}
