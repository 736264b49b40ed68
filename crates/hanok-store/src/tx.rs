//! The transaction handle: the one way to rows. Cheap to clone; what it did is
//! committed or rolled back by [`crate::Store`], never here.

mod clock;

use std::future::Future;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use sea_orm::entity::prelude::async_trait::async_trait;
use sea_orm::{
    ActiveModelTrait, ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr,
    EntityTrait, ExecResult, IntoActiveModel, ModelTrait, QueryResult, RuntimeErr, Statement,
};
use tokio::sync::OnceCell;

pub(crate) use clock::ServerClock;

use crate::StoreError;
use crate::connect::{self, is_cut, is_starved};
use crate::store::Change;

/// A transaction in progress, or single looks at rows. Methods named after aggregates lead to rows.
#[derive(Clone)]
pub struct Tx {
    inner: Arc<Inner>,
}

struct Inner {
    conn: Conn,
    clock: Arc<ServerClock>,
    now: OnceCell<i64>,
    changes: Mutex<Vec<Change>>,
}

/// The connection under a transaction. It remembers whether the database asked for another try.
pub(crate) struct Conn {
    reach: Reach,
    collided: AtomicBool,
    undurable: AtomicBool,
    silent: AtomicBool,
    patience: Option<Duration>,
}

/// What statements go to.
pub(crate) enum Reach {
    /// One transaction.
    Transaction(DatabaseTransaction),
    /// Any connection of a pool, each statement by itself.
    Pool(DatabaseConnection),
}

impl Tx {
    pub(crate) fn new(reach: Reach, clock: Arc<ServerClock>, patience: Option<Duration>) -> Self {
        Self {
            inner: Arc::new(Inner {
                clock,
                conn: Conn {
                    reach,
                    collided: AtomicBool::new(false),
                    undurable: AtomicBool::new(false),
                    silent: AtomicBool::new(false),
                    patience,
                },
                now: OnceCell::new(),
                changes: Mutex::new(Vec::new()),
            }),
        }
    }

    /// Now by the database's clock, µs UTC; the same throughout one transaction. A server is asked for it
    /// now and then, not each time.
    pub async fn now(&self) -> Result<i64, StoreError> {
        self.inner
            .now
            .get_or_try_init(|| clock::now(&self.inner.clock, self.conn()))
            .await
            .copied()
    }

    /// A time for leases and pauses, µs: that of [`Self::now`] when this process began, and from then on
    /// untouched by whoever sets the clock. PostgreSQL's own clock is not ours to doubt.
    pub async fn steady(&self) -> Result<i64, StoreError> {
        if self.is_postgres() {
            return self.now().await;
        }
        static BEGUN: OnceLock<(i64, Instant)> = OnceLock::new();
        let (at, since) = BEGUN.get_or_init(|| (clock::wall(), Instant::now()));
        Ok(at.saturating_add(clock::micros(since.elapsed())))
    }

    /// Tells [`crate::Store::subscribe`]rs about this topic once the transaction is committed.
    pub fn notify(&self, project: &str, topic: &str) {
        let change = Change {
            project: project.to_owned(),
            topic: topic.to_owned(),
        };
        let mut changes = self
            .inner
            .changes
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if !changes.contains(&change) {
            changes.push(change);
        }
    }

    pub(crate) fn conn(&self) -> &Conn {
        &self.inner.conn
    }

    pub(crate) fn is_postgres(&self) -> bool {
        self.conn().get_database_backend() == DbBackend::Postgres
    }

    /// Whether the database gave this transaction up in favour of another one.
    pub(crate) fn collided(&self) -> bool {
        self.inner.conn.collided.load(Ordering::Relaxed)
    }

    /// Whether the disk failed to keep what this transaction wrote.
    pub(crate) fn undurable(&self) -> bool {
        self.inner.conn.undurable.load(Ordering::Relaxed)
    }

    /// Whether the server stopped answering: it is not to be asked anything more.
    pub(crate) fn fell_silent(&self) -> bool {
        self.inner.conn.silent.load(Ordering::Relaxed)
    }

    /// The parts to finish with; fails while a clone of the handle is still alive.
    pub(crate) fn into_parts(self) -> Result<(DatabaseTransaction, Vec<Change>), StoreError> {
        let inner = Arc::into_inner(self.inner).ok_or_else(|| {
            StoreError::Database("a transaction handle outlived its transaction".to_owned())
        })?;
        let changes = inner
            .changes
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner);
        match inner.conn.reach {
            Reach::Transaction(txn) => Ok((txn, changes)),
            Reach::Pool(_) => Err(StoreError::Database("a look is no transaction".to_owned())),
        }
    }

    pub(crate) async fn insert<M>(&self, model: M) -> Result<(), StoreError>
    where
        M: ModelTrait + IntoActiveModel<<M::Entity as EntityTrait>::ActiveModel>,
    {
        let row = model.into_active_model().reset_all();
        M::Entity::insert(row)
            .exec_without_returning(self.conn())
            .await?;
        Ok(())
    }
}

/// Waits so long for an answer, if there is a limit.
pub(crate) async fn in_time<T>(
    limit: Option<Duration>,
    answer: impl Future<Output = Result<T, DbErr>>,
) -> Result<T, DbErr> {
    let Some(limit) = limit else {
        return answer.await;
    };
    let silent = |_| DbErr::Conn(RuntimeErr::Internal(SILENCE.to_owned()));
    tokio::time::timeout(limit, answer).await.map_err(silent)?
}

const SILENCE: &str = "the server gave no answer in time";

fn is_silence(error: &DbErr) -> bool {
    matches!(error, DbErr::Conn(RuntimeErr::Internal(message)) if message == SILENCE)
}

impl Conn {
    async fn ask<T>(&self, answer: impl Future<Output = Result<T, DbErr>>) -> Result<T, DbErr> {
        let result = in_time(self.patience, answer).await;
        result.inspect_err(|error| match StoreError::from(error.clone()) {
            StoreError::Serialization(_) => self.collided.store(true, Ordering::Relaxed),
            StoreError::Suspect(_) => self.undurable.store(true, Ordering::Relaxed),
            _ if is_silence(error) => self.silent.store(true, Ordering::Relaxed),
            _ => {}
        })
    }

    /// Asks again where a connection turns out to be dead that was alive a moment ago.
    async fn look<T, Fut>(
        &self,
        pool: &DatabaseConnection,
        question: impl Fn() -> Fut,
    ) -> Result<T, DbErr>
    where
        Fut: Future<Output = Result<T, DbErr>>,
    {
        let mut left = connect::size(pool);
        loop {
            match self.ask(question()).await {
                Err(error) if left > 0 && is_cut(&error) => left -= 1,
                Err(error) if is_starved(&error) => {
                    return Err(connect::starved(pool, error));
                }
                done => return done,
            }
        }
    }
}

#[async_trait]
impl ConnectionTrait for Conn {
    fn get_database_backend(&self) -> DbBackend {
        match &self.reach {
            Reach::Transaction(txn) => txn.get_database_backend(),
            Reach::Pool(pool) => pool.get_database_backend(),
        }
    }

    async fn execute_raw(&self, stmt: Statement) -> Result<ExecResult, DbErr> {
        match &self.reach {
            Reach::Transaction(txn) => self.ask(txn.execute_raw(stmt)).await,
            Reach::Pool(pool) => self.ask(pool.execute_raw(stmt)).await,
        }
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        match &self.reach {
            Reach::Transaction(txn) => self.ask(txn.execute_unprepared(sql)).await,
            Reach::Pool(pool) => self.ask(pool.execute_unprepared(sql)).await,
        }
    }

    async fn query_one_raw(&self, stmt: Statement) -> Result<Option<QueryResult>, DbErr> {
        match &self.reach {
            Reach::Transaction(txn) => self.ask(txn.query_one_raw(stmt)).await,
            Reach::Pool(pool) => self.look(pool, || pool.query_one_raw(stmt.clone())).await,
        }
    }

    async fn query_all_raw(&self, stmt: Statement) -> Result<Vec<QueryResult>, DbErr> {
        match &self.reach {
            Reach::Transaction(txn) => self.ask(txn.query_all_raw(stmt)).await,
            Reach::Pool(pool) => self.look(pool, || pool.query_all_raw(stmt.clone())).await,
        }
    }
}
