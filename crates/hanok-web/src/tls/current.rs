//! The certificate that handshakes get now. It can be replaced while the server runs; connections that
//! are open keep the one that they began with.

use std::sync::{Arc, PoisonError, RwLock};

use hanok_domain::fault::Fault;
use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs::default_provider;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls::version::{TLS12, TLS13};

use super::Pair;

/// The certificate in use, shared by all who use or replace it.
#[derive(Debug, Clone, Default)]
pub struct Current(Arc<RwLock<Option<Arc<CertifiedKey>>>>);

impl Current {
    /// Has handshakes get another certificate from now on.
    pub fn install(&self, pair: &Pair) {
        let mut place = self.0.write().unwrap_or_else(PoisonError::into_inner);
        *place = Some(pair.key.clone());
    }

    /// What the server speaks: TLS 1.2 and 1.3, HTTP/1.1 inside.
    ///
    /// # Errors
    /// None that a person could mend.
    pub fn server_config(&self) -> Result<Arc<ServerConfig>, Fault> {
        let versions = [&TLS13, &TLS12];
        let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_protocol_versions(&versions)
            .map_err(|error| Fault::internal(format!("TLS cannot be set up: {error}")))?;
        let resolver = Arc::new(self.clone());
        let mut config = config.with_no_client_auth().with_cert_resolver(resolver);
        config.ignore_client_order = true;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Arc::new(config))
    }
}

impl ResolvesServerCert for Current {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let place = self.0.read().unwrap_or_else(PoisonError::into_inner);
        place.clone()
    }
}
