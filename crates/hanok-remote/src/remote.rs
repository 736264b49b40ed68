//! Sending: address judged, place taken, redirects judged one by one, retries out of a budget, all of it
//! within one time.

use std::sync::Arc;

use hanok_domain::fault::Fault;
use reqwest::header::{ACCEPT_ENCODING, LOCATION};
use reqwest::{Response, StatusCode};
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::{Instant, sleep, timeout_at};

use crate::bulkhead::Bulkhead;
use crate::clients::Clients;
use crate::refusal;
use crate::resolver::{Judged, Resolve};
use crate::retries::{self, Budget};
use crate::target::{Target, origin};
use crate::{Answer, Config, Request, System, Trust};

/// The way to other machines; cheap to clone.
#[derive(Clone)]
pub struct Remote {
    shared: Arc<Shared>,
}

struct Shared {
    config: Config,
    resolver: Arc<dyn Resolve>,
    clients: Clients,
    bulkhead: Bulkhead,
    budget: Budget,
}

impl Remote {
    /// With the machine's own resolver.
    ///
    /// # Errors
    /// No certificates to check others by.
    pub fn new(config: Config) -> Result<Self, Fault> {
        Self::with_resolver(config, Arc::new(System))
    }

    /// With another resolver.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub fn with_resolver(config: Config, resolver: Arc<dyn Resolve>) -> Result<Self, Fault> {
        let clients = Clients::new(&config, &resolver)?;
        let shared = Shared {
            config,
            resolver,
            clients,
            bulkhead: Bulkhead::default(),
            budget: Budget::default(),
        };
        Ok(Self {
            shared: Arc::new(shared),
        })
    }

    /// Whether an address could be asked now: for those who store it. It is judged again when it is used.
    ///
    /// # Errors
    /// `url_not_allowed`, with a reason that tells nothing of the network behind us.
    pub async fn check(&self, url: &str, trust: Trust) -> Result<(), Fault> {
        let shared = &self.shared;
        let target = Target::parse(url, trust, &shared.config.allowed).map_err(|no| no.fault())?;
        let Some(name) = target.url.domain() else {
            return Ok(());
        };
        let resolver = shared.resolver.clone();
        let reach = target.reach;
        let found = Judged { resolver, reach }.addresses(name).await;
        found.map(drop).map_err(|no| no.fault())
    }

    /// Sends a request and gives the head of the answer, whatever its status.
    ///
    /// # Errors
    /// `url_not_allowed` before anything is sent; `upstream_…` for failures of the other side.
    pub async fn send(&self, request: Request) -> Result<Answer, Fault> {
        let config = &self.shared.config;
        let deadline = Instant::now() + request.total.unwrap_or(config.total);
        let limit = request.max_bytes.unwrap_or(config.max_bytes);
        let sent = timeout_at(deadline, self.follow(request)).await;
        let (response, place) = sent.map_err(|_| refusal::too_slow("it did not answer"))??;
        Answer::new(response, config, (limit, deadline), place)
    }

    async fn follow(
        &self,
        mut request: Request,
    ) -> Result<(Response, OwnedSemaphorePermit), Fault> {
        let config = &self.shared.config;
        let mut trust = request.trust;
        let target = Target::parse(&request.url, trust, &config.allowed);
        let mut target = target.map_err(|no| no.fault())?;
        for _ in 0..=config.hops {
            let here = origin(&target.url);
            let place = self.shared.bulkhead.enter(&here, config.per_origin)?;
            let response = self.ask(&request, &target).await?;
            if !is_redirect(response.status()) {
                return Ok((response, place));
            }
            if !request.repeatable() {
                return Err(refusal::upstream("it answered with a redirect"));
            }
            let location = response.headers().get(LOCATION);
            let location = location.and_then(|value| value.to_str().ok());
            let location =
                location.ok_or_else(|| refusal::upstream("its redirect leads nowhere"))?;
            let next = target.follow(location, trust, &config.allowed);
            (target, trust) = next.map_err(|no| no.fault())?;
            if origin(&target.url) != here {
                request.leave_origin();
            }
        }
        Err(refusal::upstream("it redirects again and again"))
    }

    /// One hop, tried again where that may help.
    async fn ask(&self, request: &Request, target: &Target) -> Result<Response, Fault> {
        let shared = &self.shared;
        let mut tries = 0;
        loop {
            let outcome = self.once(request, target).await;
            let more = request.repeatable() && tries < shared.config.retries;
            let pause = retries::pause(&outcome, tries).filter(|_| more);
            match pause {
                Some(pause) if shared.budget.spend() => {
                    tries += 1;
                    sleep(pause).await;
                }
                _ => {
                    if outcome
                        .as_ref()
                        .is_ok_and(|r| !r.status().is_server_error())
                    {
                        shared.budget.earn();
                    }
                    return outcome.map_err(|error| refusal::of_client(&error));
                }
            }
        }
    }

    async fn once(&self, request: &Request, target: &Target) -> Result<Response, reqwest::Error> {
        let client = self.shared.clients.of(target.reach);
        let mut built = client
            .request(request.method.clone(), target.url.clone())
            .headers(request.headers.clone())
            .header(ACCEPT_ENCODING, "identity");
        if let Some(body) = &request.body {
            built = built.body(body.clone());
        }
        built.send().await
    }
}

fn is_redirect(status: StatusCode) -> bool {
    matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308)
}
