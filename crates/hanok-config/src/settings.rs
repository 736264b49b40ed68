//! The typed settings that the program reads, parsed from resolved values.

use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use crate::{ConfigError, Resolved};

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
    /// Database, always filled.
    pub database_url: String,
    /// Most database connections.
    pub db_max_connections: u32,
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
    /// Key that commands use.
    pub key: Option<String>,
    /// Serve figures for monitoring.
    pub metrics: bool,
    /// Token that may read them from elsewhere than loopback.
    pub metrics_token: Option<String>,
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
        let settings = Self {
            production: environment(values)?,
            host: text(values, "HOST").to_owned(),
            port: number(values, "PORT")?,
            allowed_hosts: text(values, "HANOK_ALLOWED_HOSTS")
                .split(',')
                .map(|h| h.trim().to_lowercase())
                .filter(|h| !h.is_empty())
                .collect(),
            max_request: number::<usize>(values, "MAX_REQUEST_SIZE_MB")? << 20,
            max_upload: number::<u64>(values, "MAX_UPLOAD_SIZE_MB")? << 20,
            database_url: database_url(values, &data),
            db_max_connections: number(values, "DB_MAX_CONNECTIONS")?,
            worker_pool: number::<usize>(values, "WORKER_POOL_SIZE")?.max(1),
            worker_timeout: duration(values, "WORKER_TIMEOUT")?,
            worker_memory: size(values, "WORKER_MEMORY")?,
            worker_lease: duration(values, "WORKER_LEASE")?,
            worker_stall: duration(values, "WORKER_STALL_TIMEOUT")?,
            url: optional(values, "HANOK_URL"),
            key: optional(values, "HANOK_KEY"),
            metrics: switch(values, "METRICS_ENABLED")?,
            metrics_token: optional(values, "METRICS_TOKEN"),
            docs: switch(values, "DOCS_ENABLED")?,
            log_level: text(values, "LOG_LEVEL").to_owned(),
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
        if self.loopback() {
            return Ok(());
        }
        // TLS and trusted proxies come with the security part; until then nothing leaves loopback
        // in production, and elsewhere only on purpose.
        if self.production {
            return Err(ConfigError::Refused {
                reason: format!(
                    "APP_ENV=production serves plain HTTP on loopback only, and HOST is '{}'. Set HOST=127.0.0.1 and put a TLS proxy in front.",
                    self.host
                ),
            });
        }
        Ok(())
    }
}

fn entry<'a>(values: &'a [Resolved], name: &str) -> Option<&'a Resolved> {
    values.iter().find(|r| r.setting.name == name)
}

fn text<'a>(values: &'a [Resolved], name: &str) -> &'a str {
    entry(values, name).map_or("", |r| r.value.as_str())
}

fn optional(values: &[Resolved], name: &str) -> Option<String> {
    Some(text(values, name).to_owned()).filter(|v| !v.is_empty())
}

fn invalid(values: &[Resolved], name: &str, reason: &str) -> ConfigError {
    let (from, value) = entry(values, name).map_or_else(Default::default, |r| {
        (r.source.to_string(), r.shown().to_owned())
    });
    ConfigError::Invalid {
        name: name.to_owned(),
        from,
        value,
        reason: reason.to_owned(),
    }
}

fn number<T: FromStr>(values: &[Resolved], name: &str) -> Result<T, ConfigError> {
    text(values, name)
        .trim()
        .parse()
        .map_err(|_| invalid(values, name, "is not a number in range"))
}

fn duration(values: &[Resolved], name: &str) -> Result<Duration, ConfigError> {
    let value = text(values, name).trim();
    let (digits, unit) = value.split_at(
        value
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(value.len()),
    );
    let seconds = match unit {
        "" | "s" => 1,
        "m" => 60,
        "h" => 3600,
        "d" => 86_400,
        _ => 0,
    };
    match digits.parse::<u64>() {
        Ok(n) if seconds > 0 && n > 0 => Ok(Duration::from_secs(n.saturating_mul(seconds))),
        _ => Err(invalid(
            values,
            name,
            "is no duration such as 90s, 30m or 24h",
        )),
    }
}

/// Bytes, if a number of them is set.
fn size(values: &[Resolved], name: &str) -> Result<Option<u64>, ConfigError> {
    let value = text(values, name).trim().to_uppercase();
    if value.is_empty() {
        return Ok(None);
    }
    let (digits, unit) = value.split_at(
        value
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(value.len()),
    );
    let shift = match unit.trim().trim_end_matches(['B', 'I']) {
        "K" => Some(10),
        "M" => Some(20),
        "G" => Some(30),
        "T" => Some(40),
        _ => None,
    };
    match (digits.parse::<u64>(), shift) {
        (Ok(n), Some(shift)) if n > 0 && n < 1 << 20 => Ok(Some(n << shift)),
        _ => Err(invalid(values, name, "is no size such as 512MB or 8GB")),
    }
}

fn switch(values: &[Resolved], name: &str) -> Result<bool, ConfigError> {
    match text(values, name).trim().to_lowercase().as_str() {
        "true" | "1" | "yes" | "on" => Ok(true),
        "false" | "0" | "no" | "off" => Ok(false),
        _ => Err(invalid(values, name, "is neither true nor false")),
    }
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

fn database_url(values: &[Resolved], data: &std::path::Path) -> String {
    let url = text(values, "DATABASE_URL");
    if !url.is_empty() {
        return url.to_owned();
    }
    let path = match text(values, "DATABASE_PATH") {
        "" => data.join("hanok.db"),
        path => PathBuf::from(path),
    };
    format!("sqlite://{}", path.display())
}

fn expand(path: &str, home: Option<&str>) -> String {
    match (path.strip_prefix("~/"), home) {
        (Some(rest), Some(home)) => format!("{home}/{rest}"),
        _ => path.to_owned(),
    }
}
