//! Keeps worker processes alive: one host, and as many job workers as the pool has. Workers of an
//! earlier server that still live are counted, not doubled. What a worker writes to standard error goes
//! through a file, so that its last words are known when it dies.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use hanok_config::Settings;
use hanok_domain::fault::Fault;
use hanok_protocol::lease::WorkerRole;
use hanok_studio::Studio;
use hanok_studio::workers::{Death, Registration};
use tokio::process::{Child, Command};
use tokio_util::sync::CancellationToken;

use super::words::Words;
use crate::stores;

/// How often the pool is looked at.
const TICK: Duration = Duration::from_millis(50);
/// A worker that lives shorter than this has failed to start.
const SHORT_LIFE: Duration = Duration::from_secs(2);
/// Longest pause between two starts of a worker that keeps failing.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
/// How long workers have to give their jobs back when the server stops.
const GRACE: Duration = Duration::from_secs(8);

/// What workers are started with.
#[derive(Debug, Clone)]
pub struct WorkerPlan {
    data: PathBuf,
    jobs: usize,
    job_timeout: Duration,
    job_memory: Option<u64>,
    log_level: String,
    log_json: bool,
    /// Where objects are, with the secrets to them.
    environment: Environment,
}

/// Variables whose values nobody prints.
#[derive(Clone)]
struct Environment(Vec<(&'static str, String)>);

impl std::fmt::Debug for Environment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list()
            .entries(self.0.iter().map(|(name, _)| name))
            .finish()
    }
}

impl WorkerPlan {
    /// By the settings.
    ///
    /// # Errors
    /// Objects that are to be sealed without a key.
    pub fn new(settings: &Settings) -> Result<Self, Fault> {
        Ok(Self {
            data: settings.data.clone(),
            jobs: settings.worker_pool,
            job_timeout: settings.worker_timeout,
            job_memory: settings.worker_memory,
            log_level: settings.log_level.clone(),
            log_json: settings.log_json,
            environment: Environment(stores::worker_environment(settings)?),
        })
    }
}

/// The file that tells workers where the gateway is.
pub fn endpoint_file(data: &Path) -> PathBuf {
    data.join("run").join("gateway.json")
}

/// One place in the pool.
struct Slot {
    role: WorkerRole,
    child: Option<(Child, Instant)>,
    words: Words,
    failures: u32,
    not_before: Instant,
}

/// Runs the pool until told to stop, then ends its workers.
pub async fn run(plan: WorkerPlan, studio: Studio, stop: CancellationToken) {
    let recent = studio.recent_workers().await.unwrap_or_default();
    let inherited = recent.into_iter().filter(|pid| alive(*pid)).count();
    if inherited > 0 {
        // Workers of the server before us find us within a heartbeat.
        let pause = studio.heartbeat_every() + Duration::from_millis(500);
        tracing::info!(
            workers = inherited,
            "waiting for workers of an earlier server"
        );
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = stop.cancelled() => return,
        }
    }
    let mut slots: Vec<Slot> = std::iter::once(WorkerRole::Host)
        .chain(std::iter::repeat_n(WorkerRole::Jobs, plan.jobs))
        .enumerate()
        .map(|(number, role)| Slot {
            role,
            child: None,
            words: Words::new(&plan.data, number),
            failures: 0,
            not_before: Instant::now(),
        })
        .collect();
    while !stop.is_cancelled() {
        let foreign = foreign_workers(&studio, &slots);
        for role in [WorkerRole::Host, WorkerRole::Jobs] {
            let spare = foreign.iter().filter(|w| w.role == role).count();
            for death in tend(&plan, &mut slots, role, spare) {
                mourn(&studio, &death).await;
            }
        }
        tokio::select! {
            () = tokio::time::sleep(TICK) => {}
            () = stop.cancelled() => {}
        }
    }
    for worker in foreign_workers(&studio, &slots) {
        terminate(worker.pid);
    }
    end(slots).await;
}

/// Workers of an earlier server that found us: they live and are not our children.
fn foreign_workers(studio: &Studio, slots: &[Slot]) -> Vec<Registration> {
    let ours: Vec<u32> = slots
        .iter()
        .filter_map(|s| s.child.as_ref().and_then(|(child, _)| child.id()))
        .collect();
    let registered = studio.registered_here();
    registered
        .into_iter()
        .filter(|worker| !ours.contains(&worker.pid) && alive(worker.pid))
        .collect()
}

/// Whether a worker of ours runs under this number; numbers are used again.
fn alive(pid: u32) -> bool {
    let words = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    words.split(|byte| *byte == 0).any(|word| word == b"worker")
}

/// Asks a process to end.
fn terminate(pid: u32) {
    if let Ok(pid) = libc::pid_t::try_from(pid) {
        // SAFETY: kill only sends a signal.
        unsafe { libc::kill(pid, libc::SIGTERM) };
    }
}

/// Takes the jobs of a worker that died from it, with the reason.
async fn mourn(studio: &Studio, death: &Death) {
    match studio.worker_died(death).await {
        Ok(0) => {}
        Ok(jobs) => tracing::warn!(
            jobs,
            pid = death.pid,
            how = death.how,
            "a job lost its worker"
        ),
        // Its lease runs out in time.
        Err(fault) => tracing::warn!(%fault, "could not take the jobs of a dead worker"),
    }
}

/// Ends a worker that hangs, with all that it started.
pub fn kill_group(pid: u32) {
    if let Ok(pid) = libc::pid_t::try_from(pid) {
        // SAFETY: kill only sends a signal; workers lead groups of their own.
        unsafe { libc::kill(-pid, libc::SIGKILL) };
    }
}

/// Notes which children ended, and fills the places of a role that nobody holds. Gives those that ended
/// badly.
fn tend(plan: &WorkerPlan, slots: &mut [Slot], role: WorkerRole, spare: usize) -> Vec<Death> {
    let now = Instant::now();
    let mut deaths = Vec::new();
    let of_role = slots.iter_mut().filter(|s| s.role == role).enumerate();
    for (i, slot) in of_role {
        slot.words.pass_on();
        if let Some((child, since)) = &mut slot.child {
            let pid = child.id().unwrap_or_default();
            match child.try_wait() {
                Ok(None) => continue,
                Ok(Some(status)) => {
                    slot.failures = if status.success() || since.elapsed() > SHORT_LIFE {
                        0
                    } else {
                        slot.failures + 1
                    };
                    if !status.success() {
                        tracing::warn!(role = role.as_str(), %status, "a worker ended");
                        deaths.push(slot.words.death(pid, status));
                    }
                }
                Err(error) => tracing::warn!(%error, "a worker cannot be waited for"),
            }
            slot.not_before = now + pause(slot.failures);
            slot.child = None;
        }
        if i < spare || now < slot.not_before {
            continue;
        }
        match spawn(plan, role, &mut slot.words) {
            Ok(child) => slot.child = Some((child, now)),
            Err(error) => {
                tracing::error!(%error, role = role.as_str(), "a worker could not be started");
                slot.failures += 1;
                slot.not_before = now + pause(slot.failures);
            }
        }
    }
    deaths
}

fn pause(failures: u32) -> Duration {
    if failures == 0 {
        return Duration::ZERO;
    }
    let doubled = Duration::from_millis(250).saturating_mul(2u32.saturating_pow(failures.min(10)));
    doubled.min(LONGEST_PAUSE)
}

/// Starts a worker with a clean environment, in a process group of its own: a terminal's Ctrl-C is the
/// server's to handle.
fn spawn(plan: &WorkerPlan, role: WorkerRole, words: &mut Words) -> std::io::Result<Child> {
    let socket = plan.data.join("run").join("host.sock");
    let mut command = Command::new(std::env::current_exe()?);
    command
        .arg("worker")
        .args(["--role", role.as_str()])
        .arg("--address-file")
        .arg(endpoint_file(&plan.data))
        .arg("--objects")
        .arg(&plan.data)
        .arg("--socket")
        .arg(socket)
        .args(["--job-timeout", &plan.job_timeout.as_secs().to_string()])
        .env_clear()
        // Where an instrumented program writes what it ran through.
        .envs(std::env::var_os("LLVM_PROFILE_FILE").map(|file| ("LLVM_PROFILE_FILE", file)))
        .env("LOG_LEVEL", &plan.log_level)
        .env("LOG_FORMAT", if plan.log_json { "json" } else { "text" })
        .envs(plan.environment.0.iter().map(|(name, value)| (name, value)))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(words.begin()?)
        .process_group(0);
    if let Some(bytes) = plan.job_memory {
        command.args(["--memory", &bytes.to_string()]);
    }
    command.spawn()
}

/// Asks all children to end, and ends those that do not.
async fn end(slots: Vec<Slot>) {
    let mut children: Vec<Child> = slots
        .into_iter()
        .filter_map(|slot| slot.child.map(|(child, _)| child))
        .collect();
    for child in &children {
        if let Some(pid) = child.id() {
            terminate(pid);
        }
    }
    let deadline = tokio::time::Instant::now() + GRACE;
    for child in &mut children {
        if tokio::time::timeout_at(deadline, child.wait())
            .await
            .is_err()
        {
            tracing::warn!("a worker did not end in time and is killed");
            let _ = child.kill().await;
        }
    }
}
