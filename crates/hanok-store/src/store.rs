//! The store: opens the database, runs transactions, tells of what they changed.

use std::future::Future;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use sea_orm::{SqliteTransactionMode, TransactionOptions, TransactionTrait};
use tokio::sync::broadcast;

use crate::connect::{self, Pools, is_cut, is_starved};
use crate::tx::{Reach, ServerClock, in_time};
use crate::wal::Wal;
use crate::{StoreConfig, StoreError, Tx};

mod open;

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

/// What a database is opened for.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Purpose {
    /// To be worked with.
    Work,
    /// To be filled by a transfer.
    Filling,
}

/// A handle on the database. Clones share the connections.
#[derive(Clone)]
pub struct Store {
    shared: Arc<Shared>,
}

struct Shared {
    pools: Pools,
    changes: broadcast::Sender<Change>,
    read_timeout: Duration,
    clock: Arc<ServerClock>,
    /// How long one answer of a server may take; SQLite answers from within.
    patience: Option<Duration>,
    wal: Option<Wal>,
    /// Why nothing is written any more.
    suspect: OnceLock<String>,
}

/// A server ends a statement itself, and says so; this is for one that says nothing any more.
const GRACE: Duration = Duration::from_secs(2);

impl Store {
    /// Opens the database, creates it if absent, and brings its schema up to date.
    /// One that a transfer has not finished filling is refused.
    pub async fn open(config: &StoreConfig) -> Result<Self, StoreError> {
        Self::open_as(config, Purpose::Work).await
    }

    pub(crate) async fn open_as(
        config: &StoreConfig,
        purpose: Purpose,
    ) -> Result<Self, StoreError> {
        let pools = open::open_patiently(config, purpose).await?;
        let wal = pools.file.as_deref().map(|file| Wal::new(config, file));
        let patience = wal.is_none().then(|| config.statement_timeout + GRACE);
        Ok(Self {
            shared: Arc::new(Shared {
                pools,
                changes: broadcast::channel(CHANGES_KEPT).0,
                read_timeout: config.read_timeout,
                clock: Arc::default(),
                patience,
                wal,
                suspect: OnceLock::new(),
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
        let tx = self.begin(false).await?;
        // Rolled back when it is dropped, without waiting: neither for the end of what changed nothing, nor
        // for a statement that may still be under way.
        self.in_time_to_read(work(tx)).await
    }

    /// Runs `work` without a transaction: each statement sees the rows as they are then. For one question,
    /// at a fraction of what [`Self::read`] costs; the database refuses writes.
    pub async fn look<T, E, Fut>(&self, work: impl FnOnce(Tx) -> Fut) -> Result<T, E>
    where
        E: From<StoreError>,
        Fut: Future<Output = Result<T, E>>,
    {
        let pool = self.shared.pools.reader.clone();
        self.in_time_to_read(work(self.handle(Reach::Pool(pool))))
            .await
    }

    async fn in_time_to_read<T, E>(&self, work: impl Future<Output = Result<T, E>>) -> Result<T, E>
    where
        E: From<StoreError>,
    {
        let limit = self.shared.read_timeout;
        tokio::time::timeout(limit, work).await.unwrap_or_else(|_| {
            let message = format!("reading took longer than {limit:?}");
            Err(StoreError::Busy(message).into())
        })
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

    /// Whether this process alone works with the database: a file, which its directory's lock keeps for it.
    pub fn is_file(&self) -> bool {
        !self.is_postgres()
    }

    pub(crate) fn is_postgres(&self) -> bool {
        self.shared.wal.is_none()
    }

    /// Closes all connections; SQLite folds its log back into the file.
    pub async fn close(&self) -> Result<(), StoreError> {
        self.shared.pools.reader.close_by_ref().await?;
        self.shared.pools.writer.close_by_ref().await?;
        Ok(())
    }

    /// The size of SQLite's log in bytes; 0 with PostgreSQL.
    pub fn wal_bytes(&self) -> u64 {
        self.shared.wal.as_ref().map_or(0, Wal::bytes)
    }

    /// How often SQLite's log was too large and a reader kept it so.
    pub fn wal_alarms(&self) -> u64 {
        self.shared.wal.as_ref().map_or(0, Wal::alarms)
    }

    /// Why nothing is written any more, if so: the disk failed to keep what it was given. The store must
    /// be opened again, which looks at the file and writes anew what was in doubt.
    pub fn suspect(&self) -> Option<&str> {
        self.shared.suspect.get().map(String::as_str)
    }

    async fn begin(&self, write: bool) -> Result<Tx, StoreError> {
        let pools = &self.shared.pools;
        let (pool, mode) = match write {
            true => (&pools.writer, SqliteTransactionMode::Immediate),
            false => (&pools.reader, SqliteTransactionMode::Deferred),
        };
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(mode),
            ..Default::default()
        };
        // A connection that died since it was last used is found out here, where nothing has been done yet.
        let mut left = connect::size(pool);
        loop {
            let begun = pool.begin_with_options(options);
            match in_time(self.shared.patience, begun).await {
                Ok(txn) => return Ok(self.handle(Reach::Transaction(txn))),
                Err(error) if left > 0 && is_cut(&error) => left -= 1,
                Err(error) if is_starved(&error) => {
                    return Err(connect::starved(pool, error).into());
                }
                Err(error) => return Err(error.into()),
            }
        }
    }

    fn handle(&self, reach: Reach) -> Tx {
        Tx::new(reach, self.shared.clock.clone(), self.shared.patience)
    }

    async fn begin_write(&self) -> Result<Tx, StoreError> {
        match self.shared.suspect.get() {
            None => self.begin(true).await,
            Some(why) => Err(StoreError::Suspect(why.clone())),
        }
    }

    async fn commit(&self, tx: Tx) -> Result<(), StoreError> {
        let (txn, changes) = tx.into_parts()?;
        let done = in_time(self.shared.patience, txn.commit()).await;
        done.map_err(|error| match StoreError::from(error) {
            // A file that could not be written has no whole commit in it; of a server nobody knows.
            StoreError::Unavailable(message) if self.shared.wal.is_none() => {
                StoreError::CommitUnknown(message)
            }
            StoreError::Suspect(message) => {
                self.distrust(&message);
                // The end of the transaction may have reached the disk all the same.
                StoreError::CommitUnknown(message)
            }
            other => other,
        })?;
        for change in changes {
            // Nobody listening is fine.
            let _ = self.shared.changes.send(change);
        }
        self.watch_log();
        Ok(())
    }

    fn distrust(&self, message: &str) {
        tracing::error!(
            message,
            "the disk failed to keep what was written; writing ends"
        );
        let _ = self.shared.suspect.set(message.to_owned());
    }

    fn watch_log(&self) {
        if self.shared.wal.as_ref().is_some_and(Wal::is_due) {
            let shared = self.shared.clone();
            tokio::spawn(async move {
                if let Some(wal) = &shared.wal
                    && let Err(error) = wal.fold(&shared.pools.writer).await
                {
                    tracing::warn!(%error, "the database's log was not folded");
                }
            });
        }
    }

    /// Best effort: a connection that cannot roll back is dropped, which does the same.
    async fn roll_back(&self, tx: Tx) {
        if tx.undurable() {
            self.distrust("a statement could not be flushed");
        }
        if tx.fell_silent() {
            return;
        }
        if let Ok((txn, _)) = tx.into_parts()
            && let Err(error) = in_time(self.shared.patience, txn.rollback()).await
        {
            tracing::warn!(%error, "rollback failed; the connection is given up");
        }
    }
}
