//! The lease loop of a job worker: lease, run, report, complete. One job at a time; a training run
//! ends the process, so that each has one of its own.

mod context;
mod conversations;
mod eval;
mod import;
mod model_import;
mod rows;
mod train;

use std::time::Duration;

use hanok_blobs::Objects;
use hanok_domain::fault::{Fault, FaultKind};
use hanok_protocol::job::{JobResult, JobSpec};
use hanok_protocol::lease::{Assignment, LeaseRef, Outcome, Verdict};
use tokio::signal::unix::{SignalKind, signal};

use self::context::Context;
pub use self::context::project_key;
use crate::gateway::Gateway;
use crate::report::{Reporter, Why};
use crate::{Ended, WorkerConfig, WorkerError};

/// How long a job that is asked to stop has to write down where it is.
const SAVING: Duration = Duration::from_secs(6);

/// How a job's own code can end without a result.
#[derive(Debug)]
enum Stop {
    /// It failed.
    Failed(Fault),
    /// It noticed that it was cancelled.
    Cancelled,
}

impl<E: Into<Fault>> From<E> for Stop {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

/// Leases and runs jobs.
pub async fn run(config: WorkerConfig) -> Result<Ended, WorkerError> {
    let objects = config.open_objects().await?;
    let gateway = Gateway::connect(&config, String::new()).await?;
    let ended = lease_and_work(&config, &gateway, &objects).await?;
    if ended != Ended::Orphaned {
        gateway.leave().await;
    }
    Ok(ended)
}

async fn lease_and_work(
    config: &WorkerConfig,
    gateway: &Gateway,
    objects: &Objects,
) -> Result<Ended, WorkerError> {
    let mut terminate =
        signal(SignalKind::terminate()).map_err(WorkerError::io("cannot listen for signals"))?;
    loop {
        let leased = tokio::select! {
            leased = gateway.lease() => leased,
            _ = terminate.recv() => return Ok(Ended::Stopped),
        };
        let assignment = match leased {
            Ok(Some(assignment)) => assignment,
            Ok(None) => continue,
            Err(WorkerError::Unreachable(reason)) => {
                tracing::warn!(reason, "no gateway for as long as a lease lasts");
                return Ok(Ended::Orphaned);
            }
            Err(WorkerError::Refused(fault)) if fault.code == "unknown_worker" => {
                gateway.register(String::new()).await?;
                continue;
            }
            Err(error) => return Err(error),
        };
        let after = work(config, gateway, objects, assignment, &mut terminate).await?;
        if let Some(ended) = after {
            return Ok(ended);
        }
    }
}

/// Runs one job to its end. Gives why the process should end after it, if it should.
async fn work(
    config: &WorkerConfig,
    gateway: &Gateway,
    objects: &Objects,
    assignment: Assignment,
    terminate: &mut tokio::signal::unix::Signal,
) -> Result<Option<Ended>, WorkerError> {
    let lease = lease_of(&assignment);
    let run = config.runs.join(&assignment.subject);
    let alone = matches!(assignment.spec, JobSpec::Train(_));
    let mut after = alone.then_some(Ended::JobDone);
    let reporter = Reporter::default();
    let mut running = begin(config, objects, assignment, &reporter)?;
    let pumping = reporter.pump(gateway, &lease);
    tokio::pin!(pumping);
    let gone = async {
        tokio::select! {
            told = &mut pumping => told.err().unwrap_or(WorkerError::LeaseLost),
            error = beat(gateway, &lease, &reporter) => error,
        }
    };
    let outcome = tokio::select! {
        ended = &mut running => outcome(ended, &reporter),
        error = gone => {
            return lost(&reporter, running, error).await.map(|stuck| stuck.or(after));
        }
        () = tokio::time::sleep(config.job_timeout) => {
            after = stop_thread(&reporter, &mut running).await.err().or(after);
            timed_out(config.job_timeout)
        }
        _ = terminate.recv() => {
            after = Some(Ended::Stopped);
            released(&reporter, &mut running).await
        }
    };
    reporter.finish();
    let done = matches!(outcome, Outcome::Done { .. });
    let mut told = pumping.await;
    if told.is_ok() {
        told = settle(gateway, &lease, outcome).await;
    }
    forget_checkpoints(&run, done && told.is_ok());
    still_ours(told).map(|()| after)
}

/// After the end nothing is left to go on from.
fn forget_checkpoints(run: &std::path::Path, over: bool) {
    if over {
        let _ = std::fs::remove_dir_all(run);
    }
}

fn lease_of(assignment: &Assignment) -> LeaseRef {
    LeaseRef {
        job: assignment.job.clone(),
        epoch: assignment.epoch,
    }
}

/// The process is to end: the job goes back, unless it was just done.
async fn released(reporter: &Reporter, running: &mut Running) -> Outcome {
    match stop_thread(reporter, running).await {
        Ok(Ok(Ok(result))) => Outcome::Done {
            result: Box::new(result),
        },
        _ => Outcome::Released,
    }
}

/// Asks the job's thread to stop and lets it save what it has.
async fn stop_thread(
    reporter: &Reporter,
    running: &mut Running,
) -> Result<Result<Result<JobResult, Stop>, tokio::task::JoinError>, Ended> {
    reporter.ask_to_stop(Why::Cancelled);
    let ended = tokio::time::timeout(SAVING, running).await;
    ended.map_err(|_| Ended::Stuck)
}

/// Ends the job. A result that the gateway refuses would be refused again: the job fails with the reason
/// at once, instead of waiting for its lease to end.
async fn settle(gateway: &Gateway, lease: &LeaseRef, outcome: Outcome) -> Result<(), WorkerError> {
    match gateway.complete(lease.clone(), outcome).await {
        Err(WorkerError::Refused(fault)) => {
            tracing::warn!(%fault, "the result was refused");
            let failed = Outcome::Failed {
                fault,
                retryable: false,
            };
            gateway.complete(lease.clone(), failed).await
        }
        other => other,
    }
}

type Running = tokio::task::JoinHandle<Result<JobResult, Stop>>;

/// Starts the job on a thread of its own.
fn begin(
    config: &WorkerConfig,
    objects: &Objects,
    assignment: Assignment,
    reporter: &Reporter,
) -> Result<Running, WorkerError> {
    let context = Context::new(config, objects, &assignment, reporter.clone())?;
    tracing::info!(
        job = assignment.job,
        epoch = assignment.epoch,
        kind = assignment.spec.kind(),
        "started"
    );
    Ok(tokio::task::spawn_blocking(move || {
        dispatch(&context, assignment.spec)
    }))
}

/// When the lease is another's, nothing of ours counts any more: the next holder does the work.
fn still_ours(told: Result<(), WorkerError>) -> Result<(), WorkerError> {
    match told {
        Err(WorkerError::LeaseLost) => Ok(()),
        other => other,
    }
}

/// Sends heartbeats for as long as the lease is ours.
async fn beat(gateway: &Gateway, lease: &LeaseRef, reporter: &Reporter) -> WorkerError {
    loop {
        tokio::time::sleep(gateway.heartbeat_every()).await;
        match gateway.heartbeat(vec![lease.clone()]).await {
            Err(error) => return error,
            Ok(reply) => match reply.leases.first().map(|(_, verdict)| *verdict) {
                Some(Verdict::Keep) => {}
                Some(Verdict::Cancel) => reporter.ask_to_stop(Why::Cancelled),
                Some(Verdict::Pause) => reporter.ask_to_stop(Why::Paused),
                Some(Verdict::Lost) | None => return WorkerError::LeaseLost,
            },
        }
    }
}

/// The lease is lost or no gateway is left: the thread stops, and nobody is told.
async fn lost(
    reporter: &Reporter,
    mut running: Running,
    error: WorkerError,
) -> Result<Option<Ended>, WorkerError> {
    let stuck = stop_thread(reporter, &mut running).await.err();
    match error {
        WorkerError::LeaseLost => {
            tracing::warn!("the lease was lost; the work is dropped");
            Ok(stuck)
        }
        error => Err(error),
    }
}

fn dispatch(context: &Context, spec: JobSpec) -> Result<JobResult, Stop> {
    match spec {
        JobSpec::Import(spec) => import::run(context, &spec).map(JobResult::Import),
        JobSpec::Train(spec) => train::run(context, &spec).map(JobResult::Train),
        JobSpec::Eval(spec) => eval::run(context, &spec).map(JobResult::Eval),
        JobSpec::ModelImport(spec) => model_import::run(context, &spec).map(JobResult::ModelImport),
    }
}

fn outcome(
    ended: Result<Result<JobResult, Stop>, tokio::task::JoinError>,
    reporter: &Reporter,
) -> Outcome {
    match ended {
        Ok(Ok(result)) => Outcome::Done {
            result: Box::new(result),
        },
        Ok(Err(Stop::Cancelled)) if reporter.is_paused() => Outcome::Paused,
        Ok(Err(Stop::Cancelled)) => Outcome::Cancelled,
        Ok(Err(Stop::Failed(fault))) => Outcome::Failed {
            // Bad input stays bad; a full disk or a broken file system may mend.
            retryable: matches!(fault.kind, FaultKind::Internal | FaultKind::Upstream),
            fault,
        },
        Err(panic) => Outcome::Failed {
            fault: Fault::new(
                FaultKind::Internal,
                "job_panicked",
                format!("The job stopped on a mistake of ours: {panic}."),
            ),
            retryable: true,
        },
    }
}

fn timed_out(limit: Duration) -> Outcome {
    Outcome::Failed {
        fault: Fault::invalid(
            "job_timeout",
            format!(
                "The job ran longer than {} s and was stopped.",
                limit.as_secs()
            ),
        )
        .remedy("Raise WORKER_TIMEOUT, or use fewer rows or epochs."),
        retryable: false,
    }
}
