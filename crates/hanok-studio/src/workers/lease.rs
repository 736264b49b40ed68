//! A worker asks for work: the best job is claimed, what it is about is marked as running, and the
//! assignment tells the worker everything it needs.

use std::time::Duration;

use hanok_domain::fault::Fault;
use hanok_domain::state::RunState;
use hanok_jobs::{ClaimRequest, Job, Waiter};
use hanok_protocol::job::JobSpec;
use hanok_protocol::lease::Assignment;
use hanok_store::Tx;
use hanok_store::rows::evals::EvalChange;
use hanok_store::rows::runs::RunChange;
use serde_json::json;

use super::register::{unknown, unknown_worker};
use super::{WORKER, access, note};
use crate::studio::Studio;

impl Studio {
    /// Waits up to `patience` for a job.
    pub async fn lease_job(
        &self,
        worker: &str,
        patience: Duration,
    ) -> Result<Option<Assignment>, Fault> {
        let mut waiter = Waiter::new(self.store(), patience);
        // Asking for work is a sign of life; between jobs it is the only one.
        self.store()
            .write(|tx| async move {
                let alive = tx.workers().heartbeat(worker, "ready").await;
                alive.map_err(|e| unknown(e, worker))
            })
            .await?;
        loop {
            if let Some(assignment) = self.claim(worker).await? {
                return Ok(Some(assignment));
            }
            if !waiter.again().await {
                return Ok(None);
            }
        }
    }

    async fn claim(&self, worker: &str) -> Result<Option<Assignment>, Fault> {
        let request = &ClaimRequest {
            holder: worker.to_owned(),
            executor: WORKER.to_owned(),
            kinds: JobSpec::KINDS.map(str::to_owned).to_vec(),
        };
        self.store()
            .write(|tx| async move {
                let known = tx.workers().get(worker).await?;
                let Some(known) = known else {
                    return Err(unknown_worker(worker));
                };
                let Some(job) = self.queue().claim(&tx, request).await? else {
                    return Ok(None);
                };
                let spec: JobSpec = serde_json::from_value(job.payload.clone())
                    .map_err(|e| Fault::internal(format!("job {} is damaged: {e}", job.id)))?;
                started(&tx, &job, &spec).await?;
                Ok(Some(Assignment {
                    project: access(&tx, &job.project_id).await?,
                    job: job.id,
                    epoch: job.epoch,
                    subject: job.subject,
                    spec,
                    threads: u32::try_from(known.threads).unwrap_or(1),
                }))
            })
            .await
    }
}

/// Marks what the job is about as running.
async fn started(tx: &Tx, job: &Job, spec: &JobSpec) -> Result<(), Fault> {
    let (project, subject) = (job.project_id.as_str(), job.subject.as_str());
    match spec {
        JobSpec::Import(_) | JobSpec::ModelImport(_) => {}
        JobSpec::Train(_) => {
            let change = RunChange {
                state: Some(RunState::Running),
                ..RunChange::default()
            };
            tx.runs().update(project, subject, &change).await?;
        }
        JobSpec::Eval(_) => {
            let change = EvalChange {
                state: Some(RunState::Running),
                ..EvalChange::default()
            };
            tx.evals().update(project, subject, &change).await?;
        }
    }
    let content = json!({ "state": "running", "attempt": job.attempts });
    note(tx, project, subject, "state", content).await
}
