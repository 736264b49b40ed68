//! The studio: what every use case stands on. Use cases are methods on it, a file each, by noun.

use std::sync::Arc;
use std::time::Duration;

use hanok_blobs::Objects;
use hanok_cache::Cache;
use hanok_domain::fault::Fault;
use hanok_jobs::{Policy, Queue};
use hanok_remote::Remote;
use hanok_store::Store;

use crate::accounts::{AccountSettings, Credentials, Passwords};
use crate::audit::Keeping;
use crate::models::Starter;
use crate::sealing::Secrets;
use crate::workers::{Hosts, Registrations};

/// Intervals of the worker protocol.
#[derive(Debug, Clone)]
pub struct Timing {
    /// How often workers send heartbeats.
    pub heartbeat: Duration,
    /// How long a lease lasts without one.
    pub lease: Duration,
    /// How long a job may go without getting on.
    pub stall: Duration,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            heartbeat: Duration::from_secs(5),
            lease: Duration::from_secs(60),
            stall: Duration::from_secs(900),
        }
    }
}

/// What a studio is made of.
pub struct StudioParts {
    /// Rows.
    pub store: Store,
    /// Objects.
    pub objects: Objects,
    /// Answers that are kept for a while.
    pub cache: Cache,
    /// Bytes that the objects of one project may take, if bounded.
    pub quota: Option<u64>,
    /// What is sealed and signed with.
    pub secrets: Secrets,
    /// The way to other machines.
    pub remote: Remote,
    /// Intervals.
    pub timing: Timing,
    /// Models that ship inside the program.
    pub starters: Vec<Starter>,
    /// Accounts and passwords.
    pub accounts: AccountSettings,
    /// What credentials rest on.
    pub credentials: Credentials,
}

/// The use cases; cheap to clone.
#[derive(Clone)]
pub struct Studio {
    shared: Arc<Shared>,
}

struct Shared {
    parts: StudioParts,
    queue: Queue,
    hosts: Hosts,
    registrations: Registrations,
    audit: Keeping,
    passwords: Passwords,
}

impl Studio {
    /// A studio over these parts.
    pub fn new(parts: StudioParts) -> Self {
        let queue = Queue::new(Policy {
            lease: parts.timing.lease,
            stall: parts.timing.stall,
            // Workers of an earlier server get two heartbeats to find this one.
            grace: parts.timing.heartbeat * 2,
            ..Policy::default()
        });
        let passwords = Passwords::new(&parts.accounts);
        Self {
            shared: Arc::new(Shared {
                passwords,
                parts,
                queue,
                hosts: Hosts::default(),
                registrations: Registrations::default(),
                audit: Keeping::default(),
            }),
        }
    }

    /// Closes the database; SQLite folds its log back into the file. Nothing may use the studio after.
    pub async fn close(&self) -> Result<(), Fault> {
        Ok(self.store().close().await?)
    }

    pub(crate) fn store(&self) -> &Store {
        &self.shared.parts.store
    }

    pub(crate) fn objects(&self) -> &Objects {
        &self.shared.parts.objects
    }

    pub(crate) fn cache(&self) -> &Cache {
        &self.shared.parts.cache
    }

    /// What is sealed and signed with.
    pub fn secrets(&self) -> &Secrets {
        &self.shared.parts.secrets
    }

    /// The way to other machines.
    pub fn remote(&self) -> &Remote {
        &self.shared.parts.remote
    }

    pub(crate) fn quota(&self) -> Option<u64> {
        self.shared.parts.quota
    }

    pub(crate) fn queue(&self) -> &Queue {
        &self.shared.queue
    }

    pub(crate) fn timing(&self) -> &Timing {
        &self.shared.parts.timing
    }

    pub(crate) fn starters(&self) -> &[Starter] {
        &self.shared.parts.starters
    }

    pub(crate) fn credentials(&self) -> &Credentials {
        &self.shared.parts.credentials
    }

    pub(crate) fn registrations(&self) -> &Registrations {
        &self.shared.registrations
    }

    pub(crate) fn audit_keeping(&self) -> &Keeping {
        &self.shared.audit
    }

    /// How accounts are made and checked.
    pub fn account_settings(&self) -> &AccountSettings {
        &self.shared.parts.accounts
    }

    /// The one place where passwords are hashed.
    pub fn passwords(&self) -> &Passwords {
        &self.shared.passwords
    }

    pub(crate) fn hosts(&self) -> &Hosts {
        &self.shared.hosts
    }
}
