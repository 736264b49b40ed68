//! Moving all rows from one database to another, for instance from a SQLite file to PostgreSQL: in small
//! transactions that also note how far they came, so that it can end at any moment and go on later. Knows
//! nothing of objects; nobody may write to the source meanwhile.

use sha2::{Digest, Sha256};

use crate::store::Purpose;
use crate::{Store, StoreConfig, StoreError};

mod cell;
mod ledger;
mod pace;
mod shape;
mod sum;

pub(crate) use ledger::refuse_unfinished;
pub use sum::{Sum, TableCheck};

use ledger::DONE;
use pace::Pace;
use shape::{Row, Shape};

/// How long one statement may take: more than those who wait for a page would bear.
const STATEMENT: std::time::Duration = std::time::Duration::from_secs(600);

/// What a transfer is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Rows are on their way.
    Copying,
    /// Both sides are read and compared.
    Comparing,
}

/// How far a transfer is with one table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TableProgress {
    /// What is being done.
    pub phase: Phase,
    /// To which table.
    pub table: &'static str,
    /// Rows done, those of earlier tries too.
    pub done: u64,
    /// Rows there are in the source.
    pub total: u64,
}

/// Called after each step.
pub type Told<'t> = dyn FnMut(TableProgress) + Send + 't;

/// A transfer between two open databases. Dropping what it does ends it at the last whole step.
pub struct Transfer {
    source: Store,
    target: Store,
    target_config: StoreConfig,
    fingerprint: String,
    tables: Vec<Shape>,
    finished: bool,
}

impl Transfer {
    /// Opens both and takes the target: it must be empty, or belong to a transfer from this source.
    pub async fn open(source: &StoreConfig, target: &StoreConfig) -> Result<Self, StoreError> {
        if source.url == target.url && source.schema == target.schema {
            return Err(StoreError::Config(
                "source and target are the same database".to_owned(),
            ));
        }
        let tables = shape::all()?;
        let source = Store::open(source).await?;
        let fingerprint = fingerprint(&source).await?;
        let mut config = target.clone();
        config.statement_timeout = config.statement_timeout.max(STATEMENT);
        ledger::prepare(&config, &tables).await?;
        let target = Store::open_as(&config, Purpose::Filling).await?;
        let state = target
            .write(async |tx| ledger::claim(&tx, &fingerprint, &tables).await)
            .await?;
        Ok(Self {
            source,
            target,
            target_config: config,
            fingerprint,
            tables,
            finished: state == DONE,
        })
    }

    /// Whether an earlier try has done everything; then there is nothing more to do.
    pub fn is_finished(&self) -> bool {
        self.finished
    }

    /// Where the rows go to: complete once [`Self::copy`] has ended, and the newer side once the transfer is
    /// finished.
    pub fn target(&self) -> &Store {
        &self.target
    }

    /// Copies what is not there yet. Returns how many rows the target has got, by earlier tries too.
    pub async fn copy(&self, told: &mut Told<'_>) -> Result<u64, StoreError> {
        let mut copied = 0;
        for table in &self.tables {
            copied += self.copy_table(table, told).await?;
        }
        Ok(copied)
    }

    async fn copy_table(&self, table: &Shape, told: &mut Told<'_>) -> Result<u64, StoreError> {
        let total = count(&self.source, table).await?;
        let mut at = self
            .target
            .write(async |tx| ledger::of(&tx, table.name, &self.fingerprint).await)
            .await?;
        let mut pace = Pace::default();
        loop {
            told(TableProgress {
                phase: Phase::Copying,
                table: table.name,
                done: at.copied.unsigned_abs(),
                total,
            });
            let after = at.last_key.as_deref().map(|text| table.key_from(text));
            let after = after.transpose()?;
            let rows = page(&self.source, table, after.as_deref(), pace.rows()).await?;
            let Some(last) = rows.last() else {
                return Ok(at.copied.unsigned_abs());
            };
            pace.saw(&rows);
            self.refuse_nul(table, &rows)?;
            let mut next = at.clone();
            next.last_key = Some(table.key_text(last));
            next.copied += i64::try_from(rows.len()).unwrap_or(0);
            self.target
                .write(async |tx| {
                    ledger::advance(&tx, &at, &next).await?;
                    table.insert(&tx, &rows).await
                })
                .await
                .map_err(|error| within(table, error))?;
            at = next;
        }
    }

    /// SQLite holds texts that PostgreSQL does not; better named than refused in the server's words.
    fn refuse_nul(&self, table: &Shape, rows: &[Row]) -> Result<(), StoreError> {
        if !self.target.is_postgres() {
            return Ok(());
        }
        for row in rows {
            if let Some(index) = row.iter().position(cell::Cell::has_nul) {
                let (column, _) = table.columns[index];
                return Err(StoreError::Conflict(format!(
                    "{}.{column} of the row {} has a NUL character, which PostgreSQL cannot hold; \
                     change that row first",
                    table.name,
                    table.key_text(row)
                )));
            }
        }
        Ok(())
    }

    /// Reads every row on both sides.
    pub async fn compare(&self, told: &mut Told<'_>) -> Result<Vec<TableCheck>, StoreError> {
        let mut checks = Vec::with_capacity(self.tables.len());
        for table in &self.tables {
            let total = count(&self.source, table).await?;
            let mut tell = |done| {
                told(TableProgress {
                    phase: Phase::Comparing,
                    table: table.name,
                    done,
                    total,
                });
            };
            let source = sum(&self.source, table, &mut |_| ()).await?;
            let target = sum(&self.target, table, &mut tell).await?;
            checks.push(TableCheck {
                table: table.name,
                source,
                target,
            });
        }
        Ok(checks)
    }

    /// Lets the target be used, once both sides agree in every table: it counts on from what was copied.
    pub async fn finish(&mut self, checks: &[TableCheck]) -> Result<(), StoreError> {
        let checked = |table: &Shape| {
            let mut checks = checks.iter();
            checks.any(|check| check.table == table.name && check.agrees())
        };
        let open = self.tables.iter().filter(|table| !checked(table));
        let open: Vec<&str> = open.map(|table| table.name).collect();
        if !open.is_empty() {
            return Err(StoreError::Conflict(format!(
                "source and target differ in: {}; somebody has written to one of them since the \
                 transfer began",
                open.join(", ")
            )));
        }
        ledger::count_on(&self.target_config, &self.tables).await?;
        self.target
            .write(async |tx| ledger::finish(&tx).await)
            .await?;
        self.finished = true;
        Ok(())
    }

    /// Removes from the target what this transfer has copied, to begin anew; not once it is finished.
    pub async fn restart(&self) -> Result<(), StoreError> {
        self.target
            .write(async |tx| {
                ledger::forget(&tx).await?;
                for table in self.tables.iter().rev() {
                    table.clear(&tx).await?;
                }
                Ok(())
            })
            .await
    }

    /// Closes both databases.
    pub async fn close(self) -> Result<(), StoreError> {
        self.source.close().await?;
        self.target.close().await
    }
}

/// Tells installations apart: the oldest project's secret is drawn at random and never changes.
async fn fingerprint(store: &Store) -> Result<String, StoreError> {
    let projects = store.read(async |tx| tx.projects().list().await).await?;
    let mut digest = Sha256::new();
    digest.update("hanok installation ");
    if let Some(first) = projects.first() {
        digest.update(&first.id);
        digest.update(first.object_key.expose());
    }
    let digest = digest.finalize();
    Ok(digest.iter().map(|byte| format!("{byte:02x}")).collect())
}

async fn page(
    store: &Store,
    table: &Shape,
    after: Option<&[cell::Cell]>,
    limit: u64,
) -> Result<Vec<Row>, StoreError> {
    store
        .read(async |tx| table.page(&tx, after, limit).await)
        .await
}

async fn count(store: &Store, table: &Shape) -> Result<u64, StoreError> {
    store.read(async |tx| table.count(tx.conn()).await).await
}

async fn sum(
    store: &Store,
    table: &Shape,
    told: &mut (dyn FnMut(u64) + Send),
) -> Result<Sum, StoreError> {
    let mut sum = Sum::default();
    let mut after = None;
    let mut pace = Pace::default();
    loop {
        told(sum.rows);
        let rows = page(store, table, after.as_deref(), pace.rows()).await?;
        let Some(last) = rows.last() else {
            return Ok(sum);
        };
        pace.saw(&rows);
        after = Some(table.key_of(last));
        rows.iter().for_each(|row| sum.add(row));
    }
}

fn within(table: &Shape, error: StoreError) -> StoreError {
    match error {
        StoreError::Conflict(message) => {
            StoreError::Conflict(format!("table {}: {message}", table.name))
        }
        StoreError::Database(message) => {
            StoreError::Database(format!("table {}: {message}", table.name))
        }
        other => other,
    }
}
