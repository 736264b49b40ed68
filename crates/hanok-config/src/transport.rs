//! How requests arrive: TLS by files or by ACME, the plain listener beside it, proxies in front. Parsed
//! from resolved values; no file is opened here.

use std::path::PathBuf;
use std::time::Duration;

use hanok_domain::network::Network;

use crate::values::{duration, invalid, number, optional, text};
use crate::{ConfigError, Resolved};

/// How requests arrive.
#[derive(Debug, Clone, Default)]
pub struct Transport {
    /// TLS, where the server speaks it.
    pub tls: Option<Tls>,
    /// Port of the plain listener that redirects to TLS; none: it is off.
    pub http_port: Option<u16>,
    /// Peers whose word about the client counts.
    pub trusted_proxies: Vec<Network>,
}

/// Where the certificate comes from.
#[derive(Debug, Clone)]
pub enum Tls {
    /// Two files that somebody else keeps up to date.
    Files {
        /// The certificate with its chain, PEM.
        cert: PathBuf,
        /// The key, PEM.
        key: PathBuf,
    },
    /// An authority that issues it to us.
    Acme(Acme),
}

/// An authority that issues certificates (RFC 8555).
#[derive(Debug, Clone)]
pub struct Acme {
    /// Names that the certificate is for; the first is the one we go by.
    pub domains: Vec<String>,
    /// Whom the authority writes to.
    pub email: Option<String>,
    /// Where its directory is.
    pub directory: String,
    /// Authority of the directory's own certificate, where it is a private one.
    pub ca_file: Option<PathBuf>,
    /// How long before its end a certificate is renewed; a third of its lifetime where nothing is set.
    pub renew_before: Option<Duration>,
}

impl Transport {
    /// Parses resolved values.
    ///
    /// # Errors
    /// The first value that does not parse, or a combination that cannot work.
    pub fn from_resolved(values: &[Resolved]) -> Result<Self, ConfigError> {
        let tls = tls(values)?;
        let http_port = match number(values, "HTTP_PORT")? {
            0 => None,
            port => Some(port),
        };
        match (&tls, http_port) {
            (Some(Tls::Acme(_)), None) => Err(invalid(
                values,
                "HTTP_PORT",
                "leaves the authority no way to look: ACME_DOMAINS needs a plain listener that the world \
                 reaches at port 80 (HTTP_PORT=80)",
            )),
            (None, Some(_)) => Err(invalid(
                values,
                "HTTP_PORT",
                "opens a listener that redirects to TLS, and there is none: set TLS_CERT_FILE and \
                 TLS_KEY_FILE, or ACME_DOMAINS",
            )),
            _ => Ok(Self {
                tls,
                http_port,
                trusted_proxies: proxies(values)?,
            }),
        }
    }

    /// Whether what a person sends is encrypted on its way, by us or by who stands before us.
    pub fn protected(&self) -> bool {
        self.tls.is_some() || !self.trusted_proxies.is_empty()
    }
}

fn tls(values: &[Resolved]) -> Result<Option<Tls>, ConfigError> {
    let path = |name| optional(values, name).map(PathBuf::from);
    let files = (path("TLS_CERT_FILE"), path("TLS_KEY_FILE"));
    let acme = acme(values)?;
    match (files, acme) {
        ((None, None), None) => Ok(None),
        ((None, None), Some(acme)) => Ok(Some(Tls::Acme(acme))),
        ((Some(cert), Some(key)), None) => Ok(Some(Tls::Files { cert, key })),
        ((Some(_), Some(_)), Some(_)) => {
            let reason = "cannot be used together with TLS_CERT_FILE: set one of the two";
            Err(invalid(values, "ACME_DOMAINS", reason))
        }
        ((Some(_), None), _) => {
            let reason = "is missing: TLS_CERT_FILE needs the key to the certificate";
            Err(invalid(values, "TLS_KEY_FILE", reason))
        }
        ((None, Some(_)), _) => {
            let reason = "is missing: TLS_KEY_FILE needs the certificate to the key";
            Err(invalid(values, "TLS_CERT_FILE", reason))
        }
    }
}

fn acme(values: &[Resolved]) -> Result<Option<Acme>, ConfigError> {
    let domains: Vec<String> = listed(values, "ACME_DOMAINS")
        .map(str::to_lowercase)
        .collect();
    if domains.is_empty() {
        return Ok(None);
    }
    if let Some(bad) = domains.iter().find(|name| !is_host_name(name)) {
        let reason = format!("holds '{bad}', which is no host name such as studio.example.com");
        return Err(invalid(values, "ACME_DOMAINS", &reason));
    }
    let directory = text(values, "ACME_DIRECTORY_URL").trim().to_owned();
    if !directory.starts_with("https://") {
        let reason = "is no https:// address of an ACME directory";
        return Err(invalid(values, "ACME_DIRECTORY_URL", reason));
    }
    let renew_before = match optional(values, "ACME_RENEW_BEFORE") {
        Some(_) => Some(duration(values, "ACME_RENEW_BEFORE")?),
        None => None,
    };
    Ok(Some(Acme {
        domains,
        email: optional(values, "ACME_EMAIL"),
        directory,
        ca_file: optional(values, "ACME_CA_FILE").map(PathBuf::from),
        renew_before,
    }))
}

/// A name as it can stand in a certificate that HTTP-01 proves: no wildcard, no address, no port.
fn is_host_name(name: &str) -> bool {
    let label = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    name.len() <= 253
        && name.split('.').all(label)
        && !name.bytes().all(|b| b.is_ascii_digit() || b == b'.')
}

fn proxies(values: &[Resolved]) -> Result<Vec<Network>, ConfigError> {
    listed(values, "TRUSTED_PROXIES")
        .map(|text| {
            text.parse().map_err(|error| {
                invalid(
                    values,
                    "TRUSTED_PROXIES",
                    &format!("cannot be used: {error}"),
                )
            })
        })
        .collect()
}

fn listed<'a>(values: &'a [Resolved], name: &str) -> impl Iterator<Item = &'a str> {
    let parts = text(values, name).split([',', ' ']);
    parts.map(str::trim).filter(|part| !part.is_empty())
}
