//! What every handler receives: the studio, the settings of the surface, and the signal to stop.

use std::sync::Arc;

use hanok_studio::Studio;
use tokio_util::sync::CancellationToken;

use crate::access::transport::TransportRules;
use crate::attach::Attached;
use crate::metrics::Metrics;
use crate::openapi::Document;

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
    /// Version shown to people and checked by nobody.
    pub version: &'static str,
    /// `production` or another word, shown as a badge.
    pub environment: String,
    /// How requests arrive.
    pub transport: TransportRules,
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
    /// What was served so far.
    pub metrics: Metrics,
    /// The description of the API, once the router is built.
    pub document: Document,
}

impl App {
    /// A surface over this studio.
    pub fn new(studio: Studio, config: WebConfig) -> Self {
        Self {
            studio,
            config: Arc::new(config),
            stop: CancellationToken::new(),
            attached: Attached::default(),
            metrics: Metrics::default(),
            document: Document::default(),
        }
    }
}
