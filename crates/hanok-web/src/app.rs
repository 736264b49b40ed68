//! What every handler receives: the studio, the settings of the surface, and the signal to stop.

use std::sync::Arc;
use std::time::Duration;

use hanok_studio::Studio;
use hanok_studio::rate::Limiter;
use tokio_util::sync::CancellationToken;

use crate::access::cors::Origins;
use crate::access::transport::TransportRules;
use crate::attach::Attached;
use crate::gate::{Gate, Rates};
use crate::metrics::Metrics;
use crate::openapi::Document;
use crate::rooms::Rooms;

/// Settings of the HTTP surface.
#[derive(Debug, Clone)]
pub struct WebConfig {
    /// Host names that a request may name, lower case, without port; loopback names are always in.
    pub hosts: Vec<String>,
    /// Largest ordinary body, bytes.
    pub max_request: usize,
    /// Largest upload, bytes.
    pub max_upload: u64,
    /// Token of workers.
    pub worker_token: String,
    /// Token of commands on this machine, from the lock file.
    pub local_token: String,
    /// Whether figures for monitoring are served.
    pub metrics: bool,
    /// Token that may read them from elsewhere than loopback.
    pub metrics_token: Option<String>,
    /// Whether `/docs` and `/openapi.json` are served.
    pub docs: bool,
    /// What protects it.
    pub protection: Protection,
    /// Address that people use, for links, where the operator gave one.
    pub public_url: Option<String>,
    /// Version shown to people and checked by nobody.
    pub version: &'static str,
    /// `production` or another word, shown as a badge.
    pub environment: String,
    /// How requests arrive.
    pub transport: TransportRules,
}

/// What protects the surface from its callers, and them from each other.
#[derive(Debug, Clone)]
pub struct Protection {
    /// How often callers may call.
    pub rates: Rates,
    /// Who counts that.
    pub limiter: Limiter,
    /// Other sites whose pages may call.
    pub origins: Origins,
    /// The rooms that are open.
    pub rooms: Rooms,
    /// How long a request may take.
    pub request_timeout: Duration,
}

impl Default for Protection {
    /// No rate limits, no other sites, all rooms.
    fn default() -> Self {
        Self {
            rates: Rates::default(),
            limiter: Limiter::default(),
            origins: Origins::default(),
            rooms: Rooms::default(),
            request_timeout: Duration::from_secs(60),
        }
    }
}

/// Shared by all handlers; cheap to clone.
#[derive(Clone)]
pub struct App {
    /// The use cases.
    pub studio: Studio,
    /// Settings of this surface.
    pub config: Arc<WebConfig>,
    /// Cancelled when the server is to stop: streams end, readiness says no.
    pub stop: CancellationToken,
    /// Commands that keep this server up.
    pub attached: Attached,
    /// Rate limits.
    pub gate: Gate,
    /// What was served so far.
    pub metrics: Metrics,
    /// The description of the API, once the router is built.
    pub document: Document,
}

impl App {
    /// A surface over this studio.
    pub fn new(studio: Studio, config: WebConfig) -> Self {
        let gate = Gate::new(config.protection.limiter.clone(), config.protection.rates);
        Self {
            studio,
            gate,
            config: Arc::new(config),
            stop: CancellationToken::new(),
            attached: Attached::default(),
            metrics: Metrics::default(),
            document: Document::default(),
        }
    }
}
