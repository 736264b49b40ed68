//! Every setting of the program: name, default, meaning. The reference page is made from this table.

/// One setting.
#[derive(Debug, Clone, Copy)]
pub struct Setting {
    /// Name in the environment, for example `HANOK_DATA`.
    pub name: &'static str,
    /// Section in `config show` and in `hanok.toml` documents.
    pub section: &'static str,
    /// Value when nobody sets it, as text; empty: none.
    pub default: &'static str,
    /// Masked wherever it is printed; may come from a `NAME_FILE` file.
    pub secret: bool,
    /// One sentence.
    pub help: &'static str,
}

const fn setting(
    section: &'static str,
    name: &'static str,
    default: &'static str,
    help: &'static str,
) -> Setting {
    Setting {
        name,
        section,
        default,
        secret: false,
        help,
    }
}

const fn secret(section: &'static str, name: &'static str, help: &'static str) -> Setting {
    Setting {
        name,
        section,
        default: "",
        secret: true,
        help,
    }
}

/// All settings, in the order in which `hanok config show` prints them.
pub const CATALOGUE: &[Setting] = &[
    setting(
        "server",
        "APP_ENV",
        "development",
        "`development` or `production`; production refuses unsafe settings. `NODE_ENV` is read too.",
    ),
    setting(
        "server",
        "HANOK_DATA",
        "~/.hanok",
        "Data directory: database, objects, logs, secrets.",
    ),
    setting("server", "HOST", "127.0.0.1", "Address to listen on."),
    setting(
        "server",
        "PORT",
        "8080",
        "Port to listen on; 0 picks a free one and prints it.",
    ),
    setting(
        "server",
        "HANOK_ALLOWED_HOSTS",
        "",
        "Host names, separated by commas, that requests may name beside loopback and HOST.",
    ),
    setting(
        "server",
        "MAX_REQUEST_SIZE_MB",
        "10",
        "Largest body of a request that is not an upload, MB.",
    ),
    setting(
        "server",
        "MAX_UPLOAD_SIZE_MB",
        "10240",
        "Largest uploaded file, MB.",
    ),
    setting(
        "database",
        "DATABASE_URL",
        "",
        "`postgres://…` or `sqlite://…`; wins over DATABASE_PATH.",
    ),
    setting(
        "database",
        "DATABASE_PATH",
        "",
        "SQLite file; `hanok.db` in the data directory by default.",
    ),
    setting(
        "database",
        "DB_MAX_CONNECTIONS",
        "25",
        "Most database connections.",
    ),
    setting(
        "workers",
        "WORKER_POOL_SIZE",
        "1",
        "Jobs that run at once, each in a process of its own.",
    ),
    setting(
        "workers",
        "WORKER_TIMEOUT",
        "24h",
        "Longest a job may run (`90s`, `30m`, `24h`).",
    ),
    setting(
        "workers",
        "WORKER_MEMORY",
        "",
        "Most memory that a job may map (`8GB`, `512MB`); three quarters of the machine's by default.",
    ),
    setting(
        "workers",
        "WORKER_LEASE",
        "60s",
        "How long a worker keeps a job without a sign of life; workers outlive a server by as much.",
    ),
    setting(
        "workers",
        "WORKER_STALL_TIMEOUT",
        "15m",
        "Longest a job may go without getting on; then its worker is ended and it is tried again.",
    ),
    setting(
        "monitoring",
        "METRICS_ENABLED",
        "true",
        "Serve `/metrics` and `/api/v1/metrics`: open on loopback; elsewhere to METRICS_TOKEN or an administrator's key.",
    ),
    secret(
        "monitoring",
        "METRICS_TOKEN",
        "Token by which a scraper may read the metrics from elsewhere than loopback.",
    ),
    setting(
        "monitoring",
        "DOCS_ENABLED",
        "true",
        "Serve `/docs` and `/openapi.json`: open on loopback, elsewhere to any credential.",
    ),
    setting(
        "client",
        "HANOK_URL",
        "",
        "Server that commands talk to; otherwise the one of the data directory.",
    ),
    secret(
        "client",
        "HANOK_KEY",
        "API key that commands use with HANOK_URL.",
    ),
    setting(
        "logs",
        "LOG_LEVEL",
        "info",
        "error, warn, info, debug or trace; or a filter such as `hanok_web=debug`.",
    ),
    setting("logs", "LOG_FORMAT", "text", "`text` or `json`."),
];

/// Looks a setting up by name.
pub fn find(name: &str) -> Option<&'static Setting> {
    CATALOGUE.iter().find(|s| s.name == name)
}
