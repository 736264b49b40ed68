//! Registration and heartbeats.

use std::time::Duration;

use hanok_domain::fault::Fault;
use hanok_domain::state::JobState;
use hanok_jobs::{BeatState, Lease};
use hanok_protocol::VERSION;
use hanok_protocol::lease::{
    Heartbeat, HeartbeatReply, LeaseRef, Register, Registered, Verdict, WorkerRole,
};
use hanok_store::StoreError;
use hanok_store::rows::workers::NewWorker;

use super::Registration;
use crate::studio::Studio;

impl Studio {
    /// Takes a worker in, or takes it in again.
    pub async fn register_worker(&self, message: &Register) -> Result<Registered, Fault> {
        if message.version != VERSION {
            return Err(Fault::conflict(
                "protocol_version",
                format!(
                    "This server speaks worker protocol {VERSION}, the worker {}.",
                    message.version
                ),
            )
            .remedy("Run worker and server of the same release."));
        }
        let row = &NewWorker {
            id: Some(message.worker.clone()),
            kind: message.role.as_str().to_owned(),
            address: message.address.clone(),
            pid: i64::from(message.pid),
            version: message.build.clone(),
            state: "ready".to_owned(),
            threads: i64::from(message.threads),
            memory: i64::try_from(message.memory).unwrap_or(i64::MAX),
        };
        self.store()
            .write(|tx| async move { tx.workers().register(row).await })
            .await?;
        self.registrations().add(message);
        if message.role == WorkerRole::Host {
            self.hosts().add(&message.worker, &message.address)?;
            self.load_pending();
        }
        tracing::info!(
            worker = message.worker,
            role = message.role.as_str(),
            pid = message.pid,
            "worker registered"
        );
        Ok(Registered {
            heartbeat_ms: millis(self.timing().heartbeat),
            lease_ms: millis(self.timing().lease),
        })
    }

    /// A worker ends in an orderly way: it is not missed.
    pub async fn worker_left(&self, worker: &str) -> Result<(), Fault> {
        self.registrations().remove(worker);
        self.hosts().remove(worker);
        self.store()
            .write(|tx| async move { tx.workers().remove(worker).await })
            .await?;
        Ok(())
    }

    /// Extends a worker's leases and tells what became of each.
    pub async fn heartbeat(&self, message: &Heartbeat) -> Result<HeartbeatReply, Fault> {
        let leases: &Vec<Lease> = &message
            .leases
            .iter()
            .map(|lease| held_by(&message.worker, lease))
            .collect();
        let beats = self
            .store()
            .write(|tx| async move {
                let alive = tx.workers().heartbeat(&message.worker, "ready").await;
                alive.map_err(|e| unknown(e, &message.worker))?;
                Ok::<_, Fault>(self.queue().heartbeat(&tx, leases).await?)
            })
            .await?;
        // A host that registered with an earlier server process must do so again.
        let is_host = message.leases.is_empty();
        if is_host && !self.hosts().touch(&message.worker) {
            return Err(unknown_worker(&message.worker));
        }
        let leases = beats.into_iter().map(|beat| {
            let verdict = match beat.state {
                BeatState::Ok => Verdict::Keep,
                BeatState::Cancel => Verdict::Cancel,
                BeatState::Pause => Verdict::Pause,
                BeatState::Lost => Verdict::Lost,
            };
            let lease = LeaseRef {
                job: beat.lease.job,
                epoch: beat.lease.epoch,
            };
            (lease, verdict)
        });
        Ok(HeartbeatReply {
            leases: leases.collect(),
        })
    }
}

/// The lease as the queue knows it.
pub(super) fn held_by(worker: &str, lease: &LeaseRef) -> Lease {
    Lease {
        job: lease.job.clone(),
        epoch: lease.epoch,
        holder: worker.to_owned(),
    }
}

/// A worker that is not known registers again.
pub(super) fn unknown_worker(worker: &str) -> Fault {
    Fault::conflict(
        "unknown_worker",
        format!("Worker '{worker}' is not registered here."),
    )
}

pub(super) fn unknown(error: StoreError, worker: &str) -> Fault {
    match error {
        StoreError::Absent { .. } => unknown_worker(worker),
        other => other.into(),
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

impl Studio {
    /// How often workers send heartbeats.
    pub fn heartbeat_every(&self) -> Duration {
        self.timing().heartbeat
    }

    /// Processes of workers that a server heard of within a lease; they may still live.
    pub async fn recent_workers(&self) -> Result<Vec<u32>, Fault> {
        let lease = i64::try_from(self.timing().lease.as_micros()).unwrap_or(i64::MAX);
        self.store()
            .read(|tx| async move {
                let since = tx.steady().await? - lease;
                let workers = tx.workers().list().await?.into_iter();
                let live = workers.filter(|w| w.heartbeat_at >= since);
                Ok(live.filter_map(|w| u32::try_from(w.pid).ok()).collect())
            })
            .await
    }

    /// Workers that registered with this server process.
    pub fn registered_here(&self) -> Vec<Registration> {
        self.registrations().all()
    }

    /// Whether a job waits or runs.
    pub async fn is_busy(&self) -> Result<bool, Fault> {
        self.store()
            .read(|tx| async move {
                for state in [JobState::Running, JobState::Queued] {
                    if !tx.jobs().in_state(&state, 1).await?.is_empty() {
                        return Ok(true);
                    }
                }
                Ok(false)
            })
            .await
    }
}
