//! What workers say and get: registration, leases, heartbeats, events, and the end of a job, which is
//! turned into rows here. What jobs do is in the nouns.

mod complete;
mod died;
mod hosts;
mod lease;
mod list;
mod register;
mod registrations;

use hanok_blobs::ProjectKey;
use hanok_domain::fault::Fault;
use hanok_jobs::{Job, NewJob};
use hanok_protocol::job::{JobSpec, ProjectAccess};
use hanok_store::Tx;
use hanok_store::rows::events::NewEvent;
use serde_json::Value;

use crate::studio::Studio;

pub use died::Death;
pub use hosts::Hosts;
pub(crate) use hosts::gone;
pub use list::WorkerView;
pub use registrations::{Registration, Registrations};

/// The executor of jobs that parse or compute.
const WORKER: &str = "worker";

/// Tries of a job before it is given up.
const MAX_ATTEMPTS: i64 = 3;

/// Adds one event to a topic.
pub(crate) async fn note(
    tx: &Tx,
    project: &str,
    topic: &str,
    kind: &str,
    data: Value,
) -> Result<(), Fault> {
    let event = NewEvent {
        kind: kind.to_owned(),
        data,
    };
    tx.events().append(project, topic, &[event]).await?;
    Ok(())
}

impl Studio {
    /// Enqueues a worker job about `subject` in the caller's transaction.
    pub(crate) async fn enqueue(
        &self,
        tx: &Tx,
        project: &str,
        subject: &str,
        spec: &JobSpec,
    ) -> Result<Job, Fault> {
        let payload = serde_json::to_value(spec)
            .map_err(|e| Fault::internal(format!("a job cannot be written: {e}")))?;
        let new = NewJob {
            project_id: project.to_owned(),
            kind: spec.kind().to_owned(),
            executor: WORKER.to_owned(),
            payload,
            subject: subject.to_owned(),
            priority: 0,
            max_attempts: MAX_ATTEMPTS,
        };
        Ok(self.queue().enqueue(tx, &new).await?)
    }

    /// The key that addresses a project's objects.
    pub(crate) async fn project_key(&self, project: &str) -> Result<ProjectKey, Fault> {
        let access = self.project_access(project).await?;
        Ok(ProjectKey::from_hex(&access.id, &access.object_key)?)
    }

    /// A project's objects, as workers are given them.
    pub(crate) async fn project_access(&self, project: &str) -> Result<ProjectAccess, Fault> {
        self.store()
            .read(|tx| async move { access(&tx, project).await })
            .await
    }
}

/// A project's objects, as workers are given them.
async fn access(tx: &Tx, project: &str) -> Result<ProjectAccess, Fault> {
    let row = tx.projects().get(project).await?;
    let row = row.ok_or_else(|| Fault::not_found("project", project))?;
    Ok(ProjectAccess {
        id: row.id,
        object_key: row.object_key.expose().to_owned(),
    })
}
