//! Opening PostgreSQL: waiting for a server that is still on its way, and telling that from one that will
//! never let us in. Does not change the schema.

use std::io::ErrorKind;
use std::time::Duration;

use sea_orm::{DatabaseConnection, SqlxPostgresConnector};
use sqlx::postgres::{PgConnectOptions, PgConnection, PgPool, PgPoolOptions};
use sqlx::{ConnectOptions, Connection, Executor, Row};
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout};

use super::{Pools, is_postgres, tls};
use crate::config::redacted;
use crate::{StoreConfig, StoreError, version};

/// How long a connection may take to prove, on its way back into the pool, that it still lives.
const PROOF: Duration = Duration::from_secs(2);
/// How long a connection counts as alive without a question.
const FRESH: Duration = Duration::from_secs(1);
/// Between two looks at how many connections idle.
const SWEEP: Duration = Duration::from_secs(1);

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
    let reading = options.clone().options([
        ("default_transaction_read_only", "on"),
        ("default_transaction_isolation", "repeatable read"),
    ]);
    let (writer, writers) = pool(config, options);
    let (reader, readers) = pool(config, reading);
    Ok(Pools {
        writer,
        reader,
        migrator,
        file: None,
        _idle: vec![writers, readers],
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

/// Closes what idles beyond the number that may, as long as the store is there.
pub(super) struct IdleLimit(JoinHandle<()>);

impl IdleLimit {
    fn start(pool: PgPool, most: usize) -> Self {
        Self(tokio::spawn(async move {
            while !pool.is_closed() {
                tokio::time::sleep(SWEEP).await;
                while pool.num_idle() > most {
                    match pool.try_acquire() {
                        // Failing to say good-bye harms nobody.
                        Some(surplus) => drop(surplus.close().await),
                        None => break,
                    }
                }
            }
        }))
    }
}

impl Drop for IdleLimit {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Whether no transaction is left. The driver knows nothing of one that it began for somebody who did not wait
/// for it: whatever came next on this connection would see the rows of long ago. Outside of a transaction, time
/// begins anew with each statement.
async fn is_at_rest(connection: &mut PgConnection) -> sqlx::Result<bool> {
    let now = connection.fetch_one("SELECT now() = statement_timestamp()");
    now.await?.try_get(0)
}

fn pool(config: &StoreConfig, options: PgConnectOptions) -> (DatabaseConnection, IdleLimit) {
    let pool = PgPoolOptions::new()
        .max_connections((config.max_connections / 2).max(1))
        .acquire_timeout(config.acquire_timeout)
        .idle_timeout(config.idle_timeout)
        .max_lifetime(config.connection_max_lifetime)
        // The one that was used a moment ago is alive; if not, its first statement says so.
        .test_before_acquire(false)
        .before_acquire(|connection, state| {
            Box::pin(async move {
                if state.idle_for > FRESH {
                    connection.ping().await?;
                }
                Ok(true)
            })
        })
        .after_release(|connection, _| {
            Box::pin(async move {
                // A connection of which the other end fell silent must not keep its place.
                let proof = timeout(PROOF, is_at_rest(connection)).await;
                proof.map_err(|_| sqlx::Error::PoolTimedOut)?
            })
        })
        .connect_lazy_with(options);
    let most = usize::try_from(config.max_idle_connections.div_ceil(2)).unwrap_or(usize::MAX);
    let limit = IdleLimit::start(pool.clone(), most);
    (SqlxPostgresConnector::from_sqlx_postgres_pool(pool), limit)
}
