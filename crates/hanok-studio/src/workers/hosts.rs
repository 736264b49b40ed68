//! The hosting workers that are there, and how to call them. A host is named by the address under which
//! it registered: a unix socket at home.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use hanok_domain::fault::{Fault, FaultKind};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::sync::Notify;

/// Longest a call with one short answer may take.
const TIMEOUT: Duration = Duration::from_secs(120);
/// Longest a model may take to be loaded.
const LOADING: Duration = Duration::from_secs(300);

/// Clients of hosting workers.
#[derive(Default)]
pub struct Hosts {
    known: Mutex<HashMap<String, Host>>,
    arrived: Notify,
}

#[derive(Clone)]
struct Host {
    client: reqwest::Client,
    seen: Instant,
}

impl Hosts {
    /// A host registered under this address.
    pub fn add(&self, worker: &str, address: &str) -> Result<(), Fault> {
        let client = client(address)?;
        let seen = Instant::now();
        self.lock().insert(worker.to_owned(), Host { client, seen });
        self.arrived.notify_waiters();
        Ok(())
    }

    /// A host said that it lives; false when it is not known here.
    pub fn touch(&self, worker: &str) -> bool {
        let mut known = self.lock();
        let host = known.get_mut(worker);
        host.map(|h| h.seen = Instant::now()).is_some()
    }

    /// Forgets a host that has left.
    pub fn remove(&self, worker: &str) {
        self.lock().remove(worker);
    }

    /// Forgets hosts that were silent for this long.
    pub fn forget_silent(&self, lease: Duration) {
        self.lock().retain(|_, host| host.seen.elapsed() < lease);
    }

    /// Whether there is one.
    pub fn any(&self) -> bool {
        !self.lock().is_empty()
    }

    /// Calls a host and reads its whole answer; see [`Self::open`].
    pub async fn call<M, R>(&self, path: &str, message: &M, patience: Duration) -> Result<R, Fault>
    where
        M: Serialize,
        R: DeserializeOwned,
    {
        let limit = if path == "/v1/load" { LOADING } else { TIMEOUT };
        let response = self.open(path, message, patience, limit).await?;
        response.json().await.map_err(|e| gone(&e))
    }

    /// Calls a host and gives the answer to be read; waits a while for one to come when none is there, and
    /// tries again once when the one that we knew is gone (it restarts by itself). `limit` bounds the call
    /// to the last byte of its answer.
    pub async fn open<M>(
        &self,
        path: &str,
        message: &M,
        patience: Duration,
        limit: Duration,
    ) -> Result<reqwest::Response, Fault>
    where
        M: Serialize,
    {
        let deadline = tokio::time::Instant::now() + patience;
        loop {
            let arrived = self.arrived.notified();
            if let Some((worker, host)) = self.latest() {
                match send(&host.client, path, message, limit).await {
                    Err(fault) if fault.code == "worker_gone" => self.drop_if(&worker, host.seen),
                    other => return other,
                }
            }
            if tokio::time::timeout_at(deadline, arrived).await.is_err() && !self.any() {
                return Err(Fault::new(
                    FaultKind::Overloaded,
                    "no_worker",
                    "No worker is there to answer.",
                )
                .remedy("Try again in a few seconds; the log says why the worker stopped."));
            }
        }
    }

    fn latest(&self) -> Option<(String, Host)> {
        let known = self.lock();
        let latest = known.iter().max_by_key(|(_, host)| host.seen);
        latest.map(|(worker, host)| (worker.clone(), host.clone()))
    }

    /// Forgets a host that did not answer, unless it has registered anew meanwhile.
    fn drop_if(&self, worker: &str, seen: Instant) {
        let mut known = self.lock();
        if known.get(worker).is_some_and(|h| h.seen == seen) {
            known.remove(worker);
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<String, Host>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn client(address: &str) -> Result<reqwest::Client, Fault> {
    let path = address.strip_prefix("unix:").map(PathBuf::from);
    let Some(path) = path else {
        return Err(Fault::invalid(
            "unsupported_address",
            format!("A host at '{address}' cannot be reached from here."),
        ));
    };
    reqwest::Client::builder()
        .unix_socket(path)
        .no_proxy()
        // Plain HTTP only: a machine without certificates of authorities can do that too.
        .tls_certs_only([])
        .build()
        .map_err(|e| Fault::internal(format!("no client for a host: {e}")))
}

async fn send<M: Serialize>(
    client: &reqwest::Client,
    path: &str,
    message: &M,
    limit: Duration,
) -> Result<reqwest::Response, Fault> {
    let url = format!("http://worker{path}");
    let request = client.post(url).timeout(limit).json(message);
    let response = request.send().await.map_err(|e| gone(&e))?;
    if response.status().is_success() {
        return Ok(response);
    }
    let status = response.status();
    let body = response.bytes().await.map_err(|e| gone(&e))?;
    Err(serde_json::from_slice(&body).unwrap_or_else(|_| {
        Fault::internal(format!("the worker answered {status} without a fault"))
    }))
}

/// What a call that broke means.
pub(crate) fn gone(error: &reqwest::Error) -> Fault {
    let code = if error.is_timeout() {
        "worker_timeout"
    } else {
        "worker_gone"
    };
    Fault::new(
        FaultKind::Upstream,
        code,
        format!("The worker did not answer: {error}."),
    )
}
