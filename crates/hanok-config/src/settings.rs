//! The typed settings that the program reads, parsed from resolved values.

use std::path::PathBuf;
use std::time::Duration;

use crate::values::{duration, entry, invalid, number, optional, secret, size, switch, text};
use crate::{
    Accounts, Audit, ConfigError, Identity, Resolved, Secret, Secrets, Source, Stores, Surface,
    Transport,
};

/// What the program reads.
#[derive(Debug, Clone)]
pub struct Settings {
    /// `APP_ENV=production`.
    pub production: bool,
    /// Data directory.
    pub data: PathBuf,
    /// Address to listen on.
    pub host: String,
    /// Port to listen on; 0 picks one.
    pub port: u16,
    /// Further host names that requests may name.
    pub allowed_hosts: Vec<String>,
    /// Largest ordinary body, bytes.
    pub max_request: usize,
    /// Largest upload, bytes.
    pub max_upload: u64,
    /// Where rows, objects and kept answers are.
    pub stores: Stores,
    /// What is signed and sealed with.
    pub secrets: Secrets,
    /// Hosts, perhaps with a port, that requests may name although they are not public.
    pub private_hosts: Vec<String>,
    /// TLS, and proxies in front.
    pub transport: Transport,
    /// The audit log.
    pub audit: Audit,
    /// What protects the HTTP surface.
    pub surface: Surface,
    /// Accounts and mail.
    pub accounts: Accounts,
    /// Second factors and the provider of identities.
    pub identity: Identity,
    /// Job processes.
    pub worker_pool: usize,
    /// Longest a job may run.
    pub worker_timeout: Duration,
    /// Most memory that a job may map, bytes.
    pub worker_memory: Option<u64>,
    /// How long a worker keeps a job without a sign of life.
    pub worker_lease: Duration,
    /// How long a job may go without getting on.
    pub worker_stall: Duration,
    /// Server that commands talk to.
    pub url: Option<String>,
    /// Project that commands work in.
    pub project: Option<String>,
    /// Key that commands use.
    pub key: Option<Secret>,
    /// Authority of that server's certificate, where it is a private one.
    pub ca_file: Option<PathBuf>,
    /// Serve figures for monitoring.
    pub metrics: bool,
    /// Token that may read them from elsewhere than loopback.
    pub metrics_token: Option<Secret>,
    /// Serve the description of the API.
    pub docs: bool,
    /// Filter of the log.
    pub log_level: String,
    /// Log as JSON lines.
    pub log_json: bool,
}

impl Settings {
    /// Parses resolved values. `home` replaces a leading `~`.
    ///
    /// # Errors
    /// The first value that does not parse, with its origin, or a combination that production refuses.
    pub fn from_resolved(values: &[Resolved], home: Option<&str>) -> Result<Self, ConfigError> {
        let data = PathBuf::from(expand(text(values, "HANOK_DATA"), home));
        let production = environment(values)?;
        let settings = Self {
            production,
            host: text(values, "HOST").to_owned(),
            port: number(values, "PORT")?,
            allowed_hosts: hosts(values, "HANOK_ALLOWED_HOSTS"),
            max_request: number::<usize>(values, "MAX_REQUEST_SIZE_MB")? << 20,
            max_upload: number::<u64>(values, "MAX_UPLOAD_SIZE_MB")? << 20,
            stores: Stores::from_resolved(values, &data)?,
            secrets: Secrets::from_resolved(values)?,
            private_hosts: hosts(values, "HANOK_ALLOW_PRIVATE_HOSTS"),
            transport: Transport::from_resolved(values)?,
            audit: Audit::from_resolved(values, &data),
            surface: Surface::from_resolved(values)?,
            accounts: Accounts::from_resolved(values)?,
            identity: Identity::from_resolved(values, production)?,
            worker_pool: number::<usize>(values, "WORKER_POOL_SIZE")?.max(1),
            worker_timeout: duration(values, "WORKER_TIMEOUT")?,
            worker_memory: size(values, "WORKER_MEMORY")?,
            worker_lease: duration(values, "WORKER_LEASE")?,
            worker_stall: duration(values, "WORKER_STALL_TIMEOUT")?,
            url: optional(values, "HANOK_URL"),
            project: optional(values, "HANOK_PROJECT"),
            key: secret(values, "HANOK_KEY"),
            ca_file: optional(values, "HANOK_CA_FILE").map(PathBuf::from),
            metrics: switch(values, "METRICS_ENABLED")?,
            metrics_token: secret(values, "METRICS_TOKEN"),
            docs: switch(values, "DOCS_ENABLED")?,
            log_level: log_level(values),
            log_json: text(values, "LOG_FORMAT") == "json",
            data,
        };
        settings.check_production()?;
        Ok(settings)
    }

    /// Whether the address to listen on is loopback.
    pub fn loopback(&self) -> bool {
        self.host == "localhost"
            || self
                .host
                .trim_matches(['[', ']'])
                .parse::<std::net::IpAddr>()
                .is_ok_and(|ip| ip.is_loopback())
    }

    fn check_production(&self) -> Result<(), ConfigError> {
        if self.production {
            self.surface.check_production()?;
        }
        if !self.production || self.loopback() || self.transport.protected() {
            return Ok(());
        }
        Err(ConfigError::Refused {
            reason: format!(
                "APP_ENV=production serves plain HTTP on loopback only, and HOST is '{}'. Set TLS_CERT_FILE and TLS_KEY_FILE, or ACME_DOMAINS with HTTP_PORT=80; behind a TLS proxy set TRUSTED_PROXIES to its address; or set HOST=127.0.0.1.",
                self.host
            ),
        })
    }
}

/// `DEBUG` is a short word for the level that nobody set.
fn log_level(values: &[Resolved]) -> String {
    let unset = entry(values, "LOG_LEVEL").is_none_or(|level| level.source == Source::Default);
    if unset && Surface::debug(values) {
        return "debug".to_owned();
    }
    text(values, "LOG_LEVEL").to_owned()
}

fn environment(values: &[Resolved]) -> Result<bool, ConfigError> {
    match text(values, "APP_ENV") {
        "production" => Ok(true),
        "development" | "test" | "staging" => Ok(false),
        _ => Err(invalid(
            values,
            "APP_ENV",
            "is none of development, test, staging, production",
        )),
    }
}

fn hosts(values: &[Resolved], name: &str) -> Vec<String> {
    let hosts = text(values, name).split(',');
    let hosts = hosts.map(|host| host.trim().to_lowercase());
    hosts.filter(|host| !host.is_empty()).collect()
}

fn expand(path: &str, home: Option<&str>) -> String {
    match (path.strip_prefix("~/"), home) {
        (Some(rest), Some(home)) => format!("{home}/{rest}"),
        _ => path.to_owned(),
    }
}
