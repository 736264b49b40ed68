//! From settings to the stores that they name: rows, objects, kept answers. The settings of objects are also
//! those of workers, which get them by their environment.

use std::time::Duration;

use hanok_blobs::{S3Settings, SealKey};
use hanok_cache::rate::Limiter;
use hanok_cache::{Cache, RedisSettings};
use hanok_config::Settings;
use hanok_config::stores::{Bucket, Redis, Stores};
use hanok_domain::fault::{Fault, FaultKind};
use hanok_store::{EncryptionKey, PostgresTls, StoreConfig};

use crate::secrets;

/// How long a worker keeps trying a service that fails; a request gives up sooner.
const WORKER_BUDGET: Duration = Duration::from_secs(120);
/// Readers of a SQLite file.
const READERS: u32 = 8;

/// How to open the database.
///
/// # Errors
/// A key that is none.
pub fn database(stores: &Stores) -> Result<StoreConfig, Fault> {
    let database = &stores.database;
    let mut config = StoreConfig::new(database.url.expose());
    let key = database.key.as_ref().map(|key| key.expose());
    config.key = key
        .map(EncryptionKey::parse)
        .transpose()
        .map_err(|error| refused("DB_ENCRYPTION_KEY", &error.to_string()))?;
    config.migration_url = database
        .migration_url
        .as_ref()
        .map(|url| url.expose().to_owned());
    config.tls = PostgresTls {
        mode: database.ssl_mode.clone(),
        root_cert: database.ssl_root_cert.clone(),
        cert: database.ssl_cert.clone(),
        key: database.ssl_key.clone(),
    };
    config.max_connections = if is_sqlite(stores) {
        READERS
    } else {
        database.max_connections
    };
    config.max_idle_connections = database.max_idle_connections;
    config.connection_max_lifetime = Some(database.max_lifetime);
    config.idle_timeout = database.idle_timeout;
    config.connect_timeout = database.connect_timeout;
    config.statement_timeout = database.statement_timeout;
    Ok(config)
}

/// Whether rows are in a file.
pub fn is_sqlite(stores: &Stores) -> bool {
    stores.database.url.expose().starts_with("sqlite://")
}

/// How to open the objects of this data directory.
///
/// # Errors
/// Sealing without a master key.
pub fn objects(settings: &Settings) -> Result<hanok_blobs::Settings, Fault> {
    let mut keys = match settings.stores.seal_objects {
        true => seal_keys(settings)?.into_iter(),
        false => Vec::new().into_iter(),
    };
    Ok(hanok_blobs::Settings {
        s3: settings.stores.bucket.as_ref().map(bucket),
        seal: keys.next(),
        seal_previous: keys.collect(),
        ..hanok_blobs::Settings::default()
    })
}

/// The same for a worker, which has no one waiting at the other end.
pub fn worker_objects(settings: &Settings) -> Result<hanok_blobs::Settings, Fault> {
    let mut objects = objects(settings)?;
    if let Some(s3) = &mut objects.s3 {
        s3.budget = WORKER_BUDGET;
    }
    Ok(objects)
}

/// How to reach a bucket.
pub fn bucket(bucket: &Bucket) -> S3Settings {
    S3Settings {
        endpoint: bucket.endpoint.clone(),
        use_ssl: bucket.use_ssl,
        bucket: bucket.name.clone(),
        prefix: bucket.prefix.clone(),
        access_key: bucket.access_key.expose().to_owned(),
        secret_key: bucket.secret_key.expose().to_owned(),
        session_token: bucket.session_token.as_ref().map(|t| t.expose().to_owned()),
        region: bucket.region.clone(),
        path_style: bucket.path_style,
        ca_file: bucket.ca_file.clone(),
        ..S3Settings::default()
    }
}

/// The settings of objects as a worker's environment.
pub fn worker_environment(settings: &Settings) -> Result<Vec<(&'static str, String)>, Fault> {
    let mut environment = Vec::new();
    if settings.stores.seal_objects {
        // Not the master key: what parses other people's bytes opens objects and nothing else.
        environment.extend([
            ("OBJECT_ENCRYPTION", "true".to_owned()),
            (
                "HANOK_OBJECT_KEYS",
                secrets::object_keys(settings)?.join(","),
            ),
        ]);
    }
    let Some(bucket) = &settings.stores.bucket else {
        return Ok(environment);
    };
    environment.extend([
        ("MINIO_ENDPOINT", bucket.endpoint.clone()),
        ("MINIO_BUCKET", bucket.name.clone()),
        ("MINIO_USER", bucket.access_key.expose().to_owned()),
        ("MINIO_PASSWORD", bucket.secret_key.expose().to_owned()),
        ("MINIO_USE_SSL", bucket.use_ssl.to_string()),
        ("MINIO_PREFIX", bucket.prefix.clone()),
        ("MINIO_PATH_STYLE", bucket.path_style.to_string()),
        ("AWS_REGION", bucket.region.clone()),
    ]);
    if let Some(token) = &bucket.session_token {
        environment.push(("AWS_SESSION_TOKEN", token.expose().to_owned()));
    }
    if let Some(file) = &bucket.ca_file {
        environment.push(("MINIO_CA_FILE", file.display().to_string()));
    }
    Ok(environment)
}

/// Kept answers: in Redis if there is one and objects are not sealed.
///
/// # Errors
/// An address that makes no sense.
pub fn cache(stores: &Stores) -> Result<Cache, Fault> {
    // What is sealed where it is stored does not lie open in a service beside it.
    let redis = stores.redis.as_ref().filter(|_| !stores.seal_objects);
    let Some(redis) = redis else {
        return Ok(Cache::memory(stores.cache_bytes));
    };
    Cache::redis(redis_settings(redis)).map_err(|e| refused("REDIS_URL", &e.to_string()))
}

/// Rate limits: counted in Redis if there is one, which holds who calls how often and nothing else.
///
/// # Errors
/// An address that makes no sense.
pub fn limiter(stores: &Stores) -> Result<Limiter, Fault> {
    let Some(redis) = &stores.redis else {
        return Ok(Limiter::default());
    };
    Limiter::redis(redis_settings(redis)).map_err(|e| refused("REDIS_URL", &e.to_string()))
}

fn redis_settings(redis: &Redis) -> RedisSettings {
    RedisSettings {
        password: redis.password.as_ref().map(|p| p.expose().to_owned()),
        ca_file: redis.ca_file.clone(),
        prefix: redis.prefix.clone(),
        ..RedisSettings::new(redis.url.expose())
    }
}

/// The keys of objects; the first one seals.
fn seal_keys(settings: &Settings) -> Result<Vec<SealKey>, Fault> {
    let keys = secrets::object_keys(settings)?.into_iter();
    let parsed = keys.map(|key| SealKey::from_hex(&key));
    parsed
        .collect::<Result<_, _>>()
        .map_err(|error| refused("HANOK_OBJECT_KEYS", &error.to_string()))
}

/// A setting that cannot be worked with.
pub fn refused(name: &str, why: &str) -> Fault {
    let text = format!("{name} {}.", why.trim_end_matches('.'));
    Fault::new(FaultKind::Invalid, "invalid_setting", text)
}
