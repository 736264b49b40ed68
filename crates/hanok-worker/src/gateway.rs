//! The worker's side of the worker surface: typed calls, each tried again while the gateway is away,
//! for at most one lease; a successor is found through the address.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use hanok_domain::fault::Fault;
use hanok_domain::id;
use hanok_protocol::VERSION;
use hanok_protocol::lease::{
    Assignment, Complete, Heartbeat, HeartbeatReply, LeaseRef, LeaseRequest, Leave, NewEvent,
    Outcome, PostEvents, Register, Registered,
};
use reqwest::StatusCode;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::address::Endpoint;
use crate::{WorkerConfig, WorkerError};

/// Pause between two tries.
const RETRY: Duration = Duration::from_millis(300);
/// How long a lease request waits for work.
const LEASE_WAIT: Duration = Duration::from_secs(10);

/// The gateway, as a worker sees it.
#[derive(Clone)]
pub struct Gateway {
    shared: Arc<Shared>,
}

struct Shared {
    http: reqwest::Client,
    config: WorkerConfig,
    endpoint: Mutex<Endpoint>,
    worker: String,
    timing: Mutex<Registered>,
}

impl Gateway {
    /// Registers with the gateway.
    pub async fn connect(config: &WorkerConfig, address: String) -> Result<Self, WorkerError> {
        let endpoint = config.address.endpoint()?;
        let http = authorities(&endpoint.url, config.ca_file.as_deref())?
            .connect_timeout(Duration::from_secs(5))
            .timeout(LEASE_WAIT + Duration::from_secs(20))
            .no_proxy()
            .build()
            .map_err(|e| WorkerError::Unreachable(e.to_string()))?;
        let gateway = Self {
            shared: Arc::new(Shared {
                http,
                config: config.clone(),
                endpoint: Mutex::new(endpoint),
                worker: id::new(id::WORKER),
                timing: Mutex::new(Registered {
                    heartbeat_ms: 5_000,
                    lease_ms: 60_000,
                }),
            }),
        };
        gateway.register(address).await?;
        Ok(gateway)
    }

    /// (Re-)registers; a gateway that has just started learns of us by it.
    pub async fn register(&self, address: String) -> Result<(), WorkerError> {
        let message = Register {
            version: VERSION,
            worker: self.shared.worker.clone(),
            role: self.shared.config.role,
            pid: std::process::id(),
            address,
            threads: u32::try_from(self.shared.config.threads).unwrap_or(u32::MAX),
            memory: self.shared.config.memory.unwrap_or(0),
            build: env!("CARGO_PKG_VERSION").to_owned(),
        };
        let registered: Option<Registered> = self.call("register", &message).await?;
        if let Some(registered) = registered {
            *self
                .shared
                .timing
                .lock()
                .unwrap_or_else(PoisonError::into_inner) = registered;
        }
        Ok(())
    }

    /// How often to send heartbeats.
    pub fn heartbeat_every(&self) -> Duration {
        Duration::from_millis(self.timing().heartbeat_ms)
    }

    /// How long a lease lasts, and how long a worker lives without a gateway.
    pub fn lease_lasts(&self) -> Duration {
        Duration::from_millis(self.timing().lease_ms)
    }

    fn timing(&self) -> Registered {
        self.shared
            .timing
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Waits a while for a job.
    pub async fn lease(&self) -> Result<Option<Assignment>, WorkerError> {
        let message = LeaseRequest {
            worker: self.shared.worker.clone(),
            wait_ms: u64::try_from(LEASE_WAIT.as_millis()).unwrap_or(u64::MAX),
        };
        self.call("lease", &message).await
    }

    /// Extends leases; learns of cancellations.
    pub async fn heartbeat(&self, leases: Vec<LeaseRef>) -> Result<HeartbeatReply, WorkerError> {
        let message = Heartbeat {
            worker: self.shared.worker.clone(),
            leases,
        };
        let reply = self.call("heartbeat", &message).await?;
        reply.ok_or_else(|| WorkerError::Unreachable("an empty heartbeat reply".into()))
    }

    /// Sends events of a job.
    pub async fn events(&self, lease: LeaseRef, events: Vec<NewEvent>) -> Result<(), WorkerError> {
        let message = PostEvents {
            worker: self.shared.worker.clone(),
            lease,
            events,
        };
        self.call::<_, ()>("events", &message).await.map(|_| ())
    }

    /// Ends a job.
    pub async fn complete(&self, lease: LeaseRef, outcome: Outcome) -> Result<(), WorkerError> {
        let message = Complete {
            worker: self.shared.worker.clone(),
            lease,
            outcome,
        };
        self.call::<_, ()>("complete", &message).await.map(|_| ())
    }

    /// Says good-bye, once: whoever ends does not wait for an answer that may not come.
    pub async fn leave(&self) {
        let message = Leave {
            worker: self.shared.worker.clone(),
        };
        if let Err(error) = self.once::<_, ()>("leave", &message).await {
            tracing::debug!(%error, "the gateway did not hear us leave");
        }
    }

    /// One call, tried again while nobody answers, for at most one lease.
    async fn call<M: Serialize, R: DeserializeOwned>(
        &self,
        verb: &str,
        message: &M,
    ) -> Result<Option<R>, WorkerError> {
        let started = Instant::now();
        loop {
            match self.once(verb, message).await {
                Err(WorkerError::Unreachable(reason)) => {
                    if started.elapsed() > self.lease_lasts() {
                        return Err(WorkerError::Unreachable(reason));
                    }
                    tokio::time::sleep(RETRY).await;
                    self.look_again();
                }
                other => return other,
            }
        }
    }

    /// The gateway may have a successor at another address.
    fn look_again(&self) {
        if let Ok(endpoint) = self.shared.config.address.endpoint() {
            *self
                .shared
                .endpoint
                .lock()
                .unwrap_or_else(PoisonError::into_inner) = endpoint;
        }
    }

    async fn once<M: Serialize, R: DeserializeOwned>(
        &self,
        verb: &str,
        message: &M,
    ) -> Result<Option<R>, WorkerError> {
        let endpoint = self
            .shared
            .endpoint
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        let unreachable = |e: reqwest::Error| WorkerError::Unreachable(e.to_string());
        let response = self
            .shared
            .http
            .post(format!("{}/worker/v1/{verb}", endpoint.url))
            .bearer_auth(&endpoint.token)
            .json(message)
            .send()
            .await
            .map_err(unreachable)?;
        let status = response.status();
        if status == StatusCode::NO_CONTENT {
            return Ok(None);
        }
        if status.is_success() {
            return response.json().await.map(Some).map_err(unreachable);
        }
        Err(refusal(status, &response.bytes().await.unwrap_or_default()))
    }
}

/// Whose certificates count: those that this machine trusts, or one's own authority's alone.
fn authorities(url: &str, ca_file: Option<&Path>) -> Result<reqwest::ClientBuilder, WorkerError> {
    let builder = reqwest::Client::builder();
    if !url.starts_with("https://") {
        // A machine without certificates of authorities can do that too.
        return Ok(builder.tls_certs_only([]));
    }
    let Some(file) = ca_file else {
        return Ok(builder);
    };
    let bad = |reason: String| WorkerError::Address(format!("{}: {reason}", file.display()));
    let pem = std::fs::read(file).map_err(|e| bad(e.to_string()))?;
    let roots = reqwest::Certificate::from_pem_bundle(&pem).map_err(|e| bad(e.to_string()))?;
    Ok(builder.tls_certs_only(roots))
}

/// What an answer that is no success means for us.
fn refusal(status: StatusCode, body: &[u8]) -> WorkerError {
    let body: serde_json::Value = serde_json::from_slice(body).unwrap_or_default();
    let text = |key: &str| body["error"][key].as_str().unwrap_or_default().to_owned();
    // A server that restarts, is overloaded or has another token (a successor) is only away.
    if status.is_server_error() || status == StatusCode::UNAUTHORIZED {
        return WorkerError::Unreachable(format!("{status}: {}", text("message")));
    }
    if status == StatusCode::CONFLICT && text("code") == "lease_lost" {
        return WorkerError::LeaseLost;
    }
    WorkerError::Refused(Fault::invalid(text("code"), text("message")))
}
