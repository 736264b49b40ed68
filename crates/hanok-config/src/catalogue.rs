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
        "DEBUG",
        "false",
        "Tell more in the log, as LOG_LEVEL=debug does; production refuses it.",
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
        "HANOK_ALLOW_PRIVATE_HOSTS",
        "",
        "Hosts, separated by commas, each perhaps with a port (`files.lan:9000`), that an address in a request may name although they are not public.",
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
        "transport",
        "TLS_CERT_FILE",
        "",
        "Certificate with its chain, PEM; with TLS_KEY_FILE the server speaks HTTPS at PORT. Changed files are taken up without a restart.",
    ),
    setting(
        "transport",
        "TLS_KEY_FILE",
        "",
        "Key to the certificate, PEM.",
    ),
    setting(
        "transport",
        "HTTP_PORT",
        "0",
        "With TLS: port of a plain listener that redirects to HTTPS and answers ACME's challenges; 0: none.",
    ),
    setting(
        "transport",
        "ACME_DOMAINS",
        "",
        "Host names, separated by commas, for which an authority issues a certificate; setting it accepts the authority's terms.",
    ),
    setting(
        "transport",
        "ACME_EMAIL",
        "",
        "Address to which the authority may write.",
    ),
    setting(
        "transport",
        "ACME_DIRECTORY_URL",
        "https://acme-v02.api.letsencrypt.org/directory",
        "Directory of the authority (RFC 8555).",
    ),
    setting(
        "transport",
        "ACME_CA_FILE",
        "",
        "Authority of the directory's own certificate, PEM, where it is a private one; nothing else is trusted then.",
    ),
    setting(
        "transport",
        "ACME_RENEW_BEFORE",
        "",
        "How long before its end a certificate is renewed, such as `30d`; a third of its lifetime by default.",
    ),
    setting(
        "transport",
        "TRUSTED_PROXIES",
        "",
        "Addresses and ranges, separated by commas, of proxies whose `X-Forwarded-*` or `Forwarded` counts; nobody else's does.",
    ),
    setting(
        "server",
        "REQUEST_TIMEOUT",
        "60s",
        "Longest a request may take that is neither upload, stream nor answer of a model.",
    ),
    setting(
        "server",
        "HANOK_ROOMS",
        "finetune,hub,cards,serve,text",
        "The rooms that are open; what is in another one is not there, neither as page nor in the API.",
    ),
    setting(
        "server",
        "ALLOWED_ORIGINS",
        "",
        "Other sites whose pages may call with an API key: `https://app.example`, separated by commas; production refuses `*`.",
    ),
    setting(
        "server",
        "CORS_ORIGIN",
        "",
        "The same under its other name; both lists hold.",
    ),
    setting(
        "limits",
        "RATE_LIMIT_REQUESTS_PER_MINUTE",
        "100",
        "Requests per minute of one key, else of one person, else of one address; 0 is no limit.",
    ),
    setting(
        "limits",
        "RATE_LIMIT_EXPENSIVE_ENDPOINTS",
        "10",
        "The same for what begins work or moves much, and for signing in; 0 is no limit.",
    ),
    setting(
        "limits",
        "RATE_LIMIT_INFERENCE",
        "6000",
        "The same for calls of models; 0 is no limit.",
    ),
    setting(
        "limits",
        "RATE_LIMIT_FAILED_CREDENTIALS",
        "60",
        "Credentials that are none, per minute and address; then an address is let in with known ones alone; 0 is no limit.",
    ),
    setting(
        "server",
        "PUBLIC_URL",
        "",
        "Address that people use, for links in mails; by default that of HOST and PORT.",
    ),
    setting(
        "accounts",
        "REGISTRATION",
        "closed",
        "Who may make an account: `closed`, `open` (whoever reads mail at an address), `approval` (an administrator approves as well) or `invite`.",
    ),
    secret(
        "accounts",
        "ADMIN_PASSWORD",
        "Password of the first administrator, set once; passed over when an administrator has one.",
    ),
    setting(
        "accounts",
        "PASSWORD_MIN_LENGTH",
        "12",
        "Fewest characters of a password, 8 to 64.",
    ),
    setting(
        "accounts",
        "BCRYPT_COST",
        "12",
        "Work in a password's hash, 12 to 20; each step doubles it.",
    ),
    secret(
        "accounts",
        "SMTP_URL",
        "Mail server: `smtp://USER:PASSWORD@HOST:PORT` or `smtps://…`; `?starttls=required` or `?starttls=opportunistic`.",
    ),
    setting(
        "accounts",
        "SMTP_FROM",
        "",
        "Whom mail is from, for example `Hanok <hanok@example.org>`.",
    ),
    setting(
        "accounts",
        "SMTP_CA_FILE",
        "",
        "Authority of the mail server's certificate, as PEM.",
    ),
    secret(
        "database",
        "DATABASE_URL",
        "`postgres://…` or `sqlite://…`; wins over DATABASE_PATH.",
    ),
    setting(
        "database",
        "DATABASE_PATH",
        "",
        "SQLite file; `hanok.db` in the data directory by default.",
    ),
    secret(
        "database",
        "DB_PASSWORD",
        "Password for DATABASE_URL, if that names a user and no password.",
    ),
    secret(
        "database",
        "DATABASE_MIGRATION_URL",
        "PostgreSQL: address with the role that changes the schema, so that the other needs no right to.",
    ),
    secret(
        "database",
        "DB_ENCRYPTION_KEY",
        "SQLite: key of an encrypted file, 32 bytes as 64 hexadecimal digits; a new file is encrypted with it.",
    ),
    setting(
        "database",
        "DB_SSLMODE",
        "",
        "PostgreSQL: `disable`, `prefer`, `require`, `verify-ca` or `verify-full`, if the address does not say.",
    ),
    setting(
        "database",
        "DB_SSL_ROOT_CERT",
        "",
        "PostgreSQL: file with the authority of the server's certificate.",
    ),
    setting(
        "database",
        "DB_SSL_CERT",
        "",
        "PostgreSQL: file with our certificate.",
    ),
    setting(
        "database",
        "DB_SSL_KEY",
        "",
        "PostgreSQL: file with the key to it.",
    ),
    setting(
        "database",
        "DB_MAX_CONNECTIONS",
        "25",
        "PostgreSQL: most connections.",
    ),
    setting(
        "database",
        "DB_MAX_IDLE_CONNECTIONS",
        "5",
        "PostgreSQL: connections that are kept while there is nothing to do for them.",
    ),
    setting(
        "database",
        "DB_CONNECTION_MAX_LIFETIME",
        "30m",
        "PostgreSQL: how old a connection may become.",
    ),
    setting(
        "database",
        "DB_IDLE_TIMEOUT",
        "30s",
        "PostgreSQL: how long an unused connection is kept.",
    ),
    setting(
        "database",
        "DB_CONNECT_TIMEOUT",
        "10s",
        "PostgreSQL: how long the start waits for a server that does not answer yet.",
    ),
    setting(
        "database",
        "DB_STATEMENT_TIMEOUT",
        "30s",
        "PostgreSQL: how long one statement may take.",
    ),
    setting(
        "objects",
        "MINIO_ENDPOINT",
        "",
        "S3 service that keeps the objects: `host:port` or a URL; without it and MINIO_BUCKET they are in the data directory. `AWS_ENDPOINT_URL` is read too.",
    ),
    setting(
        "objects",
        "MINIO_BUCKET",
        "",
        "Its bucket, made if it is not there; `hanok` by default.",
    ),
    secret("objects", "MINIO_USER", "Access key."),
    secret("objects", "MINIO_PASSWORD", "Secret key."),
    setting(
        "objects",
        "MINIO_USE_SSL",
        "false",
        "TLS, where MINIO_ENDPOINT is no URL.",
    ),
    setting(
        "objects",
        "MINIO_CA_FILE",
        "",
        "File with the authority of the service's certificate, instead of the system's.",
    ),
    setting(
        "objects",
        "MINIO_PREFIX",
        "",
        "What the keys of all objects begin with.",
    ),
    setting(
        "objects",
        "MINIO_PATH_STYLE",
        "true",
        "The bucket's name stands in the path; false: in the host.",
    ),
    setting(
        "objects",
        "AWS_ENDPOINT_URL",
        "",
        "Read where MINIO_ENDPOINT is not set.",
    ),
    secret(
        "objects",
        "AWS_ACCESS_KEY_ID",
        "Read where MINIO_USER is not set.",
    ),
    secret(
        "objects",
        "AWS_SECRET_ACCESS_KEY",
        "Read where MINIO_PASSWORD is not set.",
    ),
    secret(
        "objects",
        "AWS_SESSION_TOKEN",
        "Token of credentials that are lent.",
    ),
    setting(
        "objects",
        "AWS_REGION",
        "us-east-1",
        "Region of the bucket.",
    ),
    setting(
        "objects",
        "OBJECT_ENCRYPTION",
        "false",
        "Seal objects before they are stored, on disk and in a bucket; old ones stay readable.",
    ),
    setting(
        "objects",
        "STORAGE_QUOTA",
        "",
        "Most that the objects of one project may take (`50GB`); unbounded by default.",
    ),
    secret(
        "secrets",
        "SECRET_KEY",
        "Master key of what is sealed, 32 bytes as 64 hexadecimal digits; made and kept in `secrets/secret-key` where it is needed and not set, in production it must be set.",
    ),
    setting(
        "audit",
        "AUDIT_HEAD_FILE",
        "",
        "File that the signed head of the audit log is added to, best on a volume that can only be added to; `audit/heads.jsonl` in the data directory by default.",
    ),
    secret(
        "secrets",
        "SECRET_KEY_PREVIOUS",
        "Earlier master keys, separated by commas: they open what `hanok secret rotate` has not sealed anew, and objects.",
    ),
    secret(
        "secrets",
        "HANOK_OBJECT_KEYS",
        "Keys of sealed objects, separated by commas, the first one seals: a server gives them to its workers, so that these need no SECRET_KEY.",
    ),
    secret(
        "secrets",
        "JWT_SECRET",
        "Signs tokens, at least 32 random bytes; made and kept in `secrets/jwt-secret` where it is not set, in production it must be set.",
    ),
    secret(
        "secrets",
        "SESSION_SECRET",
        "Signs what a browser keeps, at least 32 random bytes; made and kept in `secrets/session-secret` where it is not set, in production it must be set.",
    ),
    secret(
        "cache",
        "REDIS_URL",
        "`redis://[user[:password]@]host[:port][/number]`, `rediss://` under TLS: answers are kept there and shared; without it in memory.",
    ),
    secret(
        "cache",
        "REDIS_PASSWORD",
        "Password for REDIS_URL, if that has none.",
    ),
    setting(
        "cache",
        "REDIS_CA_FILE",
        "",
        "File with the authority of the server's certificate, instead of the system's.",
    ),
    setting(
        "cache",
        "REDIS_PREFIX",
        "hanok",
        "What all names in Redis begin with; installations that share one differ in it.",
    ),
    setting(
        "cache",
        "CACHE_MEMORY",
        "64MB",
        "Memory for kept answers, where there is no Redis.",
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
        "client",
        "HANOK_CA_FILE",
        "",
        "Authority of the certificate at HANOK_URL, PEM, where it is a private one; nothing else is trusted then.",
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
