//! The store: opens the database, runs transactions, tells of what they changed.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use sea_orm::{DatabaseConnection, SqliteTransactionMode, TransactionOptions, TransactionTrait};
use tokio::sync::broadcast;

use crate::connect::{self, Pools};
use crate::{StoreConfig, StoreError, Tx, migrate};

const TRIES: u32 = 5;
const CHANGES_KEPT: usize = 1024;

/// What a committed transaction touched: a wake-up, not data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The project whose rows changed.
    pub project: String,
    /// For example a run's id, or `jobs`.
    pub topic: String,
}

/// A handle on the database. Clones share the connections.
#[derive(Clone)]
pub struct Store {
    shared: Arc<Shared>,
}

struct Shared {
    pools: Pools,
    changes: broadcast::Sender<Change>,
}

impl Store {
    /// Opens the database, creates it if absent, and brings its schema up to date.
    pub async fn open(config: &StoreConfig) -> Result<Self, StoreError> {
        let pools = open_patiently(config).await?;
        Ok(Self {
            shared: Arc::new(Shared {
                pools,
                changes: broadcast::channel(CHANGES_KEPT).0,
            }),
        })
    }

    /// Runs `work` in one transaction: committed if it returns `Ok`, else rolled back.
    /// Run again, a bounded number of times, when the database gave it up in favour of
    /// another one; so `work` must have no other effect than on rows.
    pub async fn write<T, E, Fut>(&self, work: impl Fn(Tx) -> Fut) -> Result<T, E>
    where
        E: From<StoreError>,
        Fut: Future<Output = Result<T, E>>,
    {
        let mut tries = 0;
        loop {
            tries += 1;
            let tx = self.begin_write().await?;
            let outcome = work(tx.clone()).await;
            let again = tries < TRIES && tx.collided();
            match outcome {
                Ok(value) => match self.commit(tx).await {
                    Ok(()) => return Ok(value),
                    Err(StoreError::Serialization(_)) if tries < TRIES => {}
                    Err(error) => return Err(error.into()),
                },
                Err(error) => {
                    self.roll_back(tx).await;
                    if !again {
                        return Err(error);
                    }
                }
            }
            let pause = rand::random_range(1..=5_u64 << tries);
            tokio::time::sleep(Duration::from_millis(pause)).await;
        }
    }

    /// Runs `work` on one consistent snapshot; the database refuses writes in it.
    pub async fn read<T, E, Fut>(&self, work: impl FnOnce(Tx) -> Fut) -> Result<T, E>
    where
        E: From<StoreError>,
        Fut: Future<Output = Result<T, E>>,
    {
        let txn = begin(&self.shared.pools.reader, SqliteTransactionMode::Deferred).await?;
        let tx = Tx::new(txn);
        let outcome = work(tx.clone()).await;
        self.roll_back(tx).await;
        outcome
    }

    /// Every [`Change`] committed from now on through this store. A receiver that
    /// lags must look at the rows again.
    pub fn subscribe(&self) -> broadcast::Receiver<Change> {
        self.shared.changes.subscribe()
    }

    /// What is damaged in the database file, in its own words; nothing when it is sound. PostgreSQL has
    /// no such look and keeps its own checksums.
    pub async fn damage(&self) -> Result<Vec<String>, StoreError> {
        connect::damage(&self.shared.pools.reader).await
    }

    /// Closes all connections; SQLite folds its log back into the file.
    pub async fn close(&self) -> Result<(), StoreError> {
        self.shared.pools.reader.close_by_ref().await?;
        self.shared.pools.writer.close_by_ref().await?;
        Ok(())
    }

    async fn begin_write(&self) -> Result<Tx, StoreError> {
        let txn = begin(&self.shared.pools.writer, SqliteTransactionMode::Immediate).await?;
        Ok(Tx::new(txn))
    }

    async fn commit(&self, tx: Tx) -> Result<(), StoreError> {
        let (txn, changes) = tx.into_parts()?;
        txn.commit()
            .await
            .map_err(|error| match StoreError::from(error) {
                StoreError::Unavailable(message) => StoreError::CommitUnknown(message),
                other => other,
            })?;
        for change in changes {
            // Nobody listening is fine.
            let _ = self.shared.changes.send(change);
        }
        Ok(())
    }

    /// Best effort: a connection that cannot roll back is dropped, which does the same.
    async fn roll_back(&self, tx: Tx) {
        if let Ok((txn, _)) = tx.into_parts()
            && let Err(error) = txn.rollback().await
        {
            tracing::warn!(%error, "rollback failed; the connection is given up");
        }
    }
}

/// Connects and migrates. Where another process does the same at this moment, SQLite refuses to
/// change a new file's log mode at once, without the wait that it grants to everything else.
async fn open_patiently(config: &StoreConfig) -> Result<Pools, StoreError> {
    let deadline = tokio::time::Instant::now() + config.busy_timeout;
    loop {
        let opened = async {
            let pools = connect::open(config).await?;
            migrate::up(&pools.writer).await?;
            Ok(pools)
        };
        match opened.await {
            Err(StoreError::Busy(_)) if tokio::time::Instant::now() < deadline => {
                tokio::time::sleep(Duration::from_millis(rand::random_range(5..50))).await;
            }
            done => return done,
        }
    }
}

async fn begin(
    pool: &DatabaseConnection,
    mode: SqliteTransactionMode,
) -> Result<sea_orm::DatabaseTransaction, StoreError> {
    let options = TransactionOptions {
        sqlite_transaction_mode: Some(mode),
        ..Default::default()
    };
    Ok(pool.begin_with_options(options).await?)
}
