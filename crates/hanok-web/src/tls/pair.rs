//! A certificate with its chain and its key, read from PEM and checked: that they fit, and until when
//! they hold.

use std::path::Path;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use hanok_domain::fault::Fault;
use rustls::client::verify_server_name;
use rustls::crypto::aws_lc_rs::default_provider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::server::ParsedCertificate;
use rustls::sign::CertifiedKey;

use super::dates;

/// A certificate that can be served.
#[derive(Debug, Clone)]
pub struct Pair {
    /// What rustls needs.
    pub key: Arc<CertifiedKey>,
    /// From when it holds, seconds since 1970.
    pub begins: i64,
    /// Until when.
    pub ends: i64,
}

/// Reads a pair from two files, which may be one.
///
/// # Errors
/// A sentence that names the file at fault, and what to do.
pub fn read(cert: &Path, key: &Path) -> Result<Pair, Fault> {
    let cert_name = format!("TLS_CERT_FILE {}", cert.display());
    let key_name = format!("TLS_KEY_FILE {}", key.display());
    let content = |path: &Path, name: &str| {
        std::fs::read(path).map_err(|error| {
            fault(
                "tls_file_unreadable",
                format!("{name} cannot be read: {error}."),
            )
            .remedy("Check the path, and that the user of this server may read it.")
        })
    };
    let (cert, key) = (content(cert, &cert_name)?, content(key, &key_name)?);
    Pair::parse(&cert, &cert_name, &key, &key_name)
}

impl Pair {
    /// Reads a pair from PEM; the names are for messages.
    ///
    /// # Errors
    /// A sentence that says which of the two is at fault, and what to do.
    pub fn parse(cert: &[u8], cert_name: &str, key: &[u8], key_name: &str) -> Result<Self, Fault> {
        let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(cert).collect();
        let chain = chain.ok().filter(|chain| !chain.is_empty()).ok_or_else(|| {
            fault("tls_no_certificate", format!("{cert_name} holds no certificate."))
                .remedy("It must be PEM: -----BEGIN CERTIFICATE-----, the server's own first, then its chain.")
        })?;
        let key = PrivateKeyDer::from_pem_slice(key).map_err(|_| {
            fault("tls_no_key", format!("{key_name} holds no key."))
                .remedy("It must be PEM without a passphrase: -----BEGIN PRIVATE KEY-----.")
        })?;
        let dates = chain.first().and_then(|leaf| dates::validity(leaf));
        let unusable = |error: &dyn std::fmt::Display| {
            fault(
                "tls_unusable",
                format!("{cert_name} cannot be used: {error}."),
            )
            .remedy(
                "Have the certificate issued anew, for an RSA (2048 bits or more) or ECDSA key.",
            )
        };
        let (begins, ends) = dates.ok_or_else(|| unusable(&"it has no dates"))?;
        let key =
            CertifiedKey::from_der(chain, key, &default_provider()).map_err(
                |error| match error {
                    rustls::Error::InconsistentKeys(_) => fault(
                        "tls_key_does_not_fit",
                        format!("{key_name} is not the key to {cert_name}."),
                    )
                    .remedy("Name the key that this certificate was requested with."),
                    error => unusable(&error),
                },
            )?;
        let key = Arc::new(key);
        Ok(Self { key, begins, ends })
    }

    /// Refuses a certificate that has ended.
    ///
    /// # Errors
    /// When it has.
    pub fn unexpired(self, name: &str) -> Result<Self, Fault> {
        let now = now();
        if now >= self.ends {
            let text = format!("{name} ended on {}.", date(self.ends));
            return Err(fault("tls_expired", text)
                .remedy("Have the certificate renewed, or let ACME_DOMAINS do it."));
        }
        if now < self.begins {
            // Clocks of machines differ; clients judge by theirs.
            tracing::warn!(certificate = name, "the certificate does not hold yet");
        }
        Ok(self)
    }

    /// Whether the certificate is for a host name.
    pub fn is_for(&self, name: &str) -> bool {
        let Ok(leaf) = self.key.end_entity_cert() else {
            return false;
        };
        let (Ok(leaf), Ok(name)) = (
            ParsedCertificate::try_from(leaf),
            ServerName::try_from(name),
        ) else {
            return false;
        };
        verify_server_name(&leaf, &name).is_ok()
    }
}

/// Seconds since 1970.
pub(super) fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| {
        i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
    })
}

/// A moment for people, UTC.
pub(super) fn date(seconds: i64) -> String {
    jiff::Timestamp::from_second(seconds).map_or_else(|_| seconds.to_string(), |at| at.to_string())
}

fn fault(code: &'static str, message: String) -> Fault {
    Fault::invalid(code, message)
}
