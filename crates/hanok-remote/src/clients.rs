//! The clients themselves, one for each reach, so that a connection that was judged for one is never used for
//! the other. This is the one place that makes a client for addresses of others.

use std::sync::Arc;

use hanok_domain::fault::Fault;
use reqwest::Client;
use reqwest::redirect::Policy;

use crate::Config;
use crate::resolver::{Judged, Reach, Resolve};

/// One client for each reach.
#[derive(Clone)]
pub(crate) struct Clients {
    public: Client,
    private: Client,
}

impl Clients {
    pub(crate) fn new(config: &Config, resolver: &Arc<dyn Resolve>) -> Result<Self, Fault> {
        let client = |reach| {
            let resolver = resolver.clone();
            Client::builder()
                .dns_resolver(Judged { resolver, reach })
                // A proxy would look names up a second time, where nobody judges.
                .no_proxy()
                .redirect(Policy::none())
                .referer(false)
                .http1_only()
                .http1_max_headers(config.max_headers)
                .no_gzip()
                .no_brotli()
                .no_zstd()
                .no_deflate()
                .connect_timeout(config.connect)
                .read_timeout(config.read)
                .user_agent(concat!("hanok/", env!("CARGO_PKG_VERSION")))
                .build()
                .map_err(|error| Fault::internal(format!("no HTTP client: {error}")))
        };
        Ok(Self {
            public: client(Reach::Public)?,
            private: client(Reach::Private)?,
        })
    }

    pub(crate) fn of(&self, reach: Reach) -> &Client {
        match reach {
            Reach::Public => &self.public,
            Reach::Private => &self.private,
        }
    }
}
