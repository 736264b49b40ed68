//! What a worker reports of a job: events on the way, and its end, which becomes rows in the same
//! transaction that ends the job. A lost lease changes nothing.

use hanok_domain::fault::Fault;
use hanok_domain::state::JobState;
use hanok_jobs::{Completion, Failure, Job, Lease};
use hanok_protocol::job::{JobResult, JobSpec};
use hanok_protocol::lease::{Complete, Outcome, PostEvents};
use hanok_store::Tx;
use hanok_store::rows::events::NewEvent;
use serde_json::json;

use super::note;
use super::register::held_by;
use crate::studio::Studio;
use crate::{datasets, evals, models, row_error, runs};

/// Events in one message at most.
const MAX_EVENTS: usize = 1000;

impl Studio {
    /// Adds events to the log of what the job is about.
    pub async fn post_events(&self, message: PostEvents) -> Result<(), Fault> {
        if message.events.len() > MAX_EVENTS {
            return Err(Fault::invalid(
                "too_many_events",
                format!("A message holds at most {MAX_EVENTS} events."),
            ));
        }
        let lease = &held_by(&message.worker, &message.lease);
        let events: &Vec<NewEvent> = &message
            .events
            .into_iter()
            .map(|event| NewEvent {
                kind: event.kind,
                data: event.data,
            })
            .collect();
        self.store()
            .write(|tx| async move {
                self.queue().progress(&tx, lease).await?;
                let job = job_of(&tx, lease).await?;
                let (project, subject) = (job.project_id.as_str(), job.subject.as_str());
                let mut events = events.clone();
                for event in &mut events {
                    if event.kind == runs::CHECKPOINT {
                        event.data = self.checkpoint(&tx, project, subject, &event.data).await?;
                    }
                }
                tx.events().append(project, subject, &events).await?;
                Ok(())
            })
            .await
    }

    /// Ends a job.
    pub async fn complete_job(&self, message: Complete) -> Result<(), Fault> {
        let lease = &held_by(&message.worker, &message.lease);
        let outcome = &message.outcome;
        self.end_job(lease, outcome).await?;
        // A run may have brought a deployment with it.
        if matches!(outcome, Outcome::Done { result } if matches!(**result, JobResult::Train(_))) {
            self.load_pending();
        }
        Ok(())
    }

    async fn end_job(&self, lease: &Lease, outcome: &Outcome) -> Result<(), Fault> {
        self.store()
            .write(|tx| async move {
                match outcome {
                    Outcome::Done { result } => self.done(&tx, lease, result).await,
                    Outcome::Failed { fault, retryable } => {
                        let failure = Failure {
                            error: row_error::to_row(fault),
                            retryable: *retryable,
                        };
                        let job = self.queue().fail(&tx, lease, &failure).await?;
                        self.ended_without_result(&tx, &job, job.state.clone(), fault)
                            .await
                    }
                    Outcome::Cancelled => {
                        let job = self.queue().cancelled(&tx, lease).await?;
                        self.ended_without_result(&tx, &job, job.state.clone(), &cancelled())
                            .await
                    }
                    Outcome::Paused => {
                        let job = self.queue().cancelled(&tx, lease).await?;
                        let run = runs::paused(&tx, &job.project_id, &job.subject).await;
                        run.map(drop)
                    }
                    Outcome::Released => {
                        let job = self.queue().release(&tx, lease).await?;
                        self.ended_without_result(&tx, &job, job.state.clone(), &released())
                            .await
                    }
                }
            })
            .await
    }

    async fn done(&self, tx: &Tx, lease: &Lease, result: &JobResult) -> Result<(), Fault> {
        let stored = serde_json::to_value(result)
            .map_err(|e| Fault::internal(format!("a result cannot be written: {e}")))?;
        if self.queue().complete(tx, lease, &stored).await? == Completion::AlreadyDone {
            return Ok(());
        }
        let job = job_of(tx, lease).await?;
        let (project, subject) = (job.project_id.as_str(), job.subject.as_str());
        match result {
            JobResult::Import(result) => {
                datasets::finished(tx, project, subject, result).await?;
                self.dataset_ended(tx, project, subject, None).await
            }
            JobResult::Train(result) => self.run_finished(tx, project, subject, result).await,
            JobResult::Eval(result) => evals::finished(tx, project, subject, result).await,
            JobResult::ModelImport(result) => {
                models::finished(tx, project, subject, &result.facts).await
            }
        }
    }

    /// A job was cancelled before a worker took it.
    pub(crate) async fn never_began(&self, tx: &Tx, job: &Job) -> Result<(), Fault> {
        self.ended_without_result(tx, job, JobState::Cancelled, &cancelled())
            .await
    }

    /// An attempt ended with nothing: the subject waits again, has failed, or is cancelled.
    pub(super) async fn ended_without_result(
        &self,
        tx: &Tx,
        job: &Job,
        state: JobState,
        fault: &Fault,
    ) -> Result<(), Fault> {
        let spec: JobSpec = serde_json::from_value(job.payload.clone())
            .map_err(|e| Fault::internal(format!("job {} is damaged: {e}", job.id)))?;
        let (project, subject) = (job.project_id.as_str(), job.subject.as_str());
        if state == JobState::Queued {
            let text = format!("{fault} The job waits for a worker again.");
            let content = json!({ "level": "warn", "message": text });
            note(tx, project, subject, "log", content).await?;
        }
        match spec {
            JobSpec::Import(_) | JobSpec::ModelImport(_) if state == JobState::Queued => Ok(()),
            JobSpec::Import(_) => {
                datasets::failed(tx, project, subject, fault).await?;
                self.dataset_ended(tx, project, subject, Some(fault)).await
            }
            JobSpec::ModelImport(_) => models::failed(tx, project, subject, fault).await,
            JobSpec::Train(_) => runs::without_result(tx, project, subject, &state, fault).await,
            JobSpec::Eval(_) => evals::without_result(tx, project, subject, &state, fault).await,
        }
    }

    /// Takes jobs from workers that fell silent; to be called every few seconds.
    pub async fn reap(&self) -> Result<usize, Fault> {
        self.hosts().forget_silent(self.timing().lease);
        self.forget_dead().await?;
        self.store()
            .write(|tx| async move {
                let reaped = self.queue().reap(&tx).await?;
                let fault = Fault::new(
                    hanok_domain::fault::FaultKind::Upstream,
                    hanok_jobs::WORKER_LOST,
                    "The worker process ended or fell silent.",
                )
                .remedy("The log of the server says why; resume the run.");
                self.taken(&tx, &reaped, &fault).await?;
                Ok(reaped.len())
            })
            .await
    }
}

fn released() -> Fault {
    Fault::conflict("released", "The worker was told to stop.")
}

fn cancelled() -> Fault {
    Fault::conflict("cancelled", "It was cancelled.")
}

async fn job_of(tx: &Tx, lease: &Lease) -> Result<Job, Fault> {
    let job = tx.jobs().by_id(&lease.job).await?;
    job.ok_or_else(|| Fault::not_found("job", &lease.job))
}
