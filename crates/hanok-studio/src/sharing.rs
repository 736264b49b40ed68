//! Sharing: another project is given a copy of a data set or a model. Every object is addressed and sealed under
//! the key of its own project, so nobody reads across projects, and what one of them deletes the other keeps.
//! Which rows are copied, the nouns themselves know.

use hanok_blobs::ProjectKey;
use hanok_domain::fault::{Fault, FaultKind};
use hanok_protocol::job::ObjectName;
use hanok_store::Tx;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::access::Caller;
use crate::audit::{Deed, record};
use crate::studio::Studio;

/// Who is given a copy.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Share {
    /// `proj_…`.
    pub project: String,
    /// What it is called there; its own name without one.
    #[serde(default)]
    pub name: Option<String>,
}

/// A copy that was given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shared {
    /// Id of the copy.
    pub id: String,
    /// `dataset` or `model`.
    pub object: String,
    /// Name of the copy.
    pub name: String,
    /// Whose it is.
    pub project: String,
}

/// Whoever may read something may give it away, as they could by downloading it.
pub(crate) fn may_share(caller: &Caller) -> Result<(), Fault> {
    match caller.may_read() {
        true => Ok(()),
        false => {
            let text = "Your role in this project does not let you read it.";
            Err(Fault::new(FaultKind::Forbidden, "forbidden", text))
        }
    }
}

/// Objects on their way from one project to another. Those that no row comes to name are collected as others are.
pub(crate) struct Copies {
    studio: Studio,
    from: ProjectKey,
    to: ProjectKey,
    room: Option<u64>,
    made: Vec<ObjectName>,
}

impl Copies {
    /// # Errors
    /// Also where the receiving project may store nothing more.
    pub(crate) async fn begin(studio: &Studio, from: &str, to: &str) -> Result<Self, Fault> {
        Ok(Self {
            room: studio.room_of(to).await?,
            from: studio.project_key(from).await?,
            to: studio.project_key(to).await?,
            studio: studio.clone(),
            made: Vec::new(),
        })
    }

    /// Copies an object and gives its name over there.
    pub(crate) async fn add(&mut self, object: &ObjectName) -> Result<ObjectName, Fault> {
        if let Some(room) = &mut self.room {
            let left = room.checked_sub(object.size);
            *room = left.ok_or_else(|| self.studio.quota_exceeded())?;
        }
        let objects = self.studio.objects();
        let copy = objects.copy_to(&self.from, &object.hash, &self.to).await?;
        let copy = ObjectName {
            hash: copy.hash,
            size: copy.size,
        };
        self.made.push(copy.clone());
        Ok(copy)
    }

    /// Makes the copies the receiving project's, in the transaction that names them.
    pub(crate) async fn keep(&self, tx: &Tx, project: &str) -> Result<(), Fault> {
        for object in &self.made {
            self.studio.keep_upload(tx, project, object).await?;
        }
        Ok(())
    }
}

/// Writes into the log of both projects what one gave and the other got.
pub(crate) async fn told(
    tx: &Tx,
    [from, to]: [&Caller; 2],
    [share, receive]: [&'static str; 2],
    of: &str,
    copy: &Shared,
) -> Result<(), Fault> {
    let noun = copy.object.as_str();
    let detail = json!({ "project": to.project_id, "copy": copy.id });
    record(tx, from, Deed::done(share, noun, of).detail(detail)).await?;
    let detail = json!({ "project": from.project_id, "of": of });
    record(tx, to, Deed::done(receive, noun, &copy.id).detail(detail)).await?;
    tx.notify(&to.project_id, &copy.id);
    Ok(())
}
