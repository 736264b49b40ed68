//! Opening PostgreSQL: waiting for a server that is still on its way, and telling that from one that will
//! never let us in. Does not change the schema.

use std::io::ErrorKind;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use sea_orm::{DatabaseConnection, SqlxPostgresConnector};
use sqlx::postgres::{PgConnectOptions, PgConnection, PgPool, PgPoolOptions};
use sqlx::{ConnectOptions, Connection};
use tokio::time::{Instant, timeout};

use super::{Pools, is_postgres, tls};
use crate::config::redacted;
use crate::{StoreConfig, StoreError, version};

/// How long a connection may take to prove, on its way back into the pool, that it still lives.
const PROOF: Duration = Duration::from_secs(2);

pub(super) async fn open(config: &StoreConfig) -> Result<Pools, StoreError> {
    let options = options(config, &config.url)?;
    let mut first = reach(config, &config.url, &options).await?;
    version::check_postgres(&mut first).await?;
    // Failing to say good-bye harms nobody.
    let _ = first.close().await;
    let migrator = match &config.migration_url {
        None => None,
        Some(url) if !is_postgres(url) => {
            return Err(StoreError::Config(
                "the address for migrations must begin with postgres://".to_owned(),
            ));
        }
        Some(url) => Some(migrator(config, url).await?),
    };
    let half = |number: u32| (number / 2).max(1);
    let limits = [IdleLimit::default(), IdleLimit::default()];
    let connect = |options, limit| pool(config, half(config.max_connections), options, limit);
    let reading = options.clone().options([
        ("default_transaction_read_only", "on"),
        ("default_transaction_isolation", "repeatable read"),
    ]);
    Ok(Pools {
        writer: connect(options, &limits[0]),
        reader: connect(reading, &limits[1]),
        migrator,
        file: None,
        _idle: limits.into(),
    })
}

async fn migrator(config: &StoreConfig, url: &str) -> Result<DatabaseConnection, StoreError> {
    let options = options(config, url)?;
    let _ = reach(config, url, &options).await?.close().await;
    let pool = PgPoolOptions::new()
        .max_connections(1)
        .acquire_timeout(config.connect_timeout)
        .connect_lazy_with(options);
    Ok(SqlxPostgresConnector::from_sqlx_postgres_pool(pool))
}

fn options(config: &StoreConfig, url: &str) -> Result<PgConnectOptions, StoreError> {
    let options: PgConnectOptions = url.parse().map_err(|error: sqlx::Error| {
        StoreError::Config(format!("{} is no address: {error}", redacted(url)))
    })?;
    // Whoever was cut off in a transaction must not keep its locks for good.
    let abandoned = config.statement_timeout * 2 + config.read_timeout;
    let options = tls::fill(options, url, &config.tls)?
        .disable_statement_logging()
        .application_name("hanok")
        .options([
            ("statement_timeout", config.statement_timeout.as_millis()),
            ("idle_in_transaction_session_timeout", abandoned.as_millis()),
        ]);
    Ok(match &config.schema {
        Some(schema) => options.options([("search_path", schema)]),
        None => options,
    })
}

/// A server may be starting: tried again until its time is over. What no waiting mends ends at once.
async fn reach(
    config: &StoreConfig,
    url: &str,
    options: &PgConnectOptions,
) -> Result<PgConnection, StoreError> {
    let deadline = Instant::now() + config.connect_timeout;
    let mut pause = Duration::from_millis(50);
    loop {
        let attempt = timeout(config.connect_timeout, PgConnection::connect_with(options));
        let last = match attempt.await {
            Ok(Ok(connection)) => return Ok(connection),
            Ok(Err(error)) => passing(url, &error)?,
            Err(_) => "it did not answer".to_owned(),
        };
        if Instant::now() + pause >= deadline {
            return Err(StoreError::Unavailable(format!(
                "{} gave no connection within {} s: {last}",
                redacted(url),
                config.connect_timeout.as_secs_f32()
            )));
        }
        tracing::info!(error = last, "waiting for the database");
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(Duration::from_secs(1));
    }
}

/// The message of an error that may pass; else the refusal.
fn passing(url: &str, error: &sqlx::Error) -> Result<String, StoreError> {
    let place = redacted(url);
    let refused = |why: &str| Err(StoreError::Config(format!("{place}: {why}: {error}")));
    match error {
        sqlx::Error::Tls(_) => refused("no secure connection"),
        sqlx::Error::Configuration(_) => refused("the address or its certificates"),
        sqlx::Error::Io(inner) if inner.kind() == ErrorKind::InvalidData => {
            refused("no secure connection")
        }
        sqlx::Error::Io(_) => Ok(error.to_string()),
        sqlx::Error::Database(inner) => match inner.code().unwrap_or_default().as_ref() {
            "28000" | "28P01" => refused("the server does not let us in"),
            "3D000" => refused("there is no such database"),
            // Too many connections; starting up or going down.
            "53300" | "57P01" | "57P02" | "57P03" => Ok(error.to_string()),
            _ => refused("the server refused"),
        },
        _ => refused("the connection failed"),
    }
}

type Slot = Arc<Mutex<Option<PgPool>>>;

/// Looks at a pool from within the pool; emptied when the store goes, so that neither keeps the other.
#[derive(Default)]
pub(super) struct IdleLimit(Slot);

impl Drop for IdleLimit {
    fn drop(&mut self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

fn idle(slot: &Slot) -> usize {
    let pool = slot.lock().unwrap_or_else(PoisonError::into_inner);
    pool.as_ref().map_or(0, PgPool::num_idle)
}

fn pool(
    config: &StoreConfig,
    size: u32,
    options: PgConnectOptions,
    limit: &IdleLimit,
) -> DatabaseConnection {
    let most = usize::try_from(config.max_idle_connections.div_ceil(2)).unwrap_or(usize::MAX);
    let slot = limit.0.clone();
    let pool = PgPoolOptions::new()
        .max_connections(size)
        .acquire_timeout(config.acquire_timeout)
        .idle_timeout(config.idle_timeout)
        .max_lifetime(config.connection_max_lifetime)
        .test_before_acquire(true)
        .after_release(move |connection, _| {
            let kept = idle(&slot) < most;
            Box::pin(async move {
                // A connection of which the other end fell silent must not keep its place.
                let proof = timeout(PROOF, connection.ping()).await;
                proof.map_err(|_| sqlx::Error::PoolTimedOut)??;
                Ok(kept)
            })
        })
        .connect_lazy_with(options);
    *limit.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(pool.clone());
    SqlxPostgresConnector::from_sqlx_postgres_pool(pool)
}
