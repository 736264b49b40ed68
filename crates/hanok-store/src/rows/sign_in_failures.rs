//! Sign-ins that failed, by subject (an account, an address), and until when a subject is locked. Decides no
//! limits.

use std::time::Duration;

use sea_orm::{ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, QueryFilter, Statement};

use crate::entities::sign_in_failures::{Column, Entity};
use crate::{StoreError, Tx};

/// When failures lock a subject, and for how long.
#[derive(Debug, Clone)]
pub struct LockRule {
    /// Failures within the window that lock.
    pub limit: i64,
    /// They are counted within this time.
    pub window: Duration,
    /// The first lock; each further one is twice as long as the one before.
    pub lock: Duration,
    /// The longest lock, and how long earlier ones are remembered.
    pub longest: Duration,
}

/// Access to failed sign-ins.
pub struct SignInFailures<'t>(pub(crate) &'t Tx);

// The row's lock, taken by the insert, holds back others who count the same subject.
const COUNT: &str = "INSERT INTO sign_in_failures (subject, failures, began_at, locked_until, lockouts) \
     VALUES ($1, 1, $2, 0, 0) ON CONFLICT (subject) DO UPDATE SET \
     failures = CASE WHEN sign_in_failures.began_at < $3 THEN 1 ELSE sign_in_failures.failures + 1 END, \
     began_at = CASE WHEN sign_in_failures.began_at < $3 THEN $2 ELSE sign_in_failures.began_at END, \
     lockouts = CASE WHEN sign_in_failures.locked_until < $4 THEN 0 ELSE sign_in_failures.lockouts END";

const LOCK: &str = "UPDATE sign_in_failures SET locked_until = $2, lockouts = lockouts + 1, failures = 0 \
     WHERE subject = $1";

impl SignInFailures<'_> {
    /// Until when one of these subjects is locked, µs UTC; the latest.
    pub async fn locked_until(&self, subjects: &[String]) -> Result<Option<i64>, StoreError> {
        let now = self.0.now().await?;
        let rows = Entity::find()
            .filter(Column::Subject.is_in(subjects))
            .filter(Column::LockedUntil.gt(now))
            .all(self.0.conn())
            .await?;
        Ok(rows.iter().map(|row| row.locked_until).max())
    }

    /// Counts a failure of this subject; says until when it is locked by that, if it is.
    pub async fn count(&self, subject: &str, rule: &LockRule) -> Result<Option<i64>, StoreError> {
        let now = self.0.now().await?;
        let ago = |time: Duration| now.saturating_sub(super::micros(time));
        let (window, memory) = (ago(rule.window), ago(rule.longest));
        let values = [subject.into(), now.into(), window.into(), memory.into()];
        self.execute(COUNT, values.to_vec()).await?;
        let row = Entity::find_by_id(subject).one(self.0.conn()).await?;
        let Some(row) = row.filter(|row| row.failures >= rule.limit) else {
            return Ok(None);
        };
        let doublings = u32::try_from(row.lockouts.clamp(0, 30)).unwrap_or(30);
        let lock = rule.lock.saturating_mul(1 << doublings).min(rule.longest);
        let until = now.saturating_add(super::micros(lock));
        self.execute(LOCK, vec![subject.into(), until.into()])
            .await?;
        Ok(Some(until))
    }

    /// Forgets the failures of this subject and opens it.
    pub async fn clear(&self, subject: &str) -> Result<(), StoreError> {
        Entity::delete_by_id(subject).exec(self.0.conn()).await?;
        Ok(())
    }

    /// Forgets the failures of this subject, unless it is locked; earlier locks are remembered.
    pub async fn settle(&self, subject: &str) -> Result<(), StoreError> {
        let sql = "UPDATE sign_in_failures SET failures = 0 WHERE subject = $1 AND failures > 0";
        self.execute(sql, vec![subject.into()]).await
    }

    /// Drops what says nothing any more: no failure and no lock within this time. Says how much.
    pub async fn forget(&self, age: Duration) -> Result<u64, StoreError> {
        let past = self.0.now().await?.saturating_sub(super::micros(age));
        let done = Entity::delete_many()
            .filter(Column::BeganAt.lt(past))
            .filter(Column::LockedUntil.lt(past))
            .exec(self.0.conn())
            .await?;
        Ok(done.rows_affected)
    }

    async fn execute(&self, sql: &str, values: Vec<sea_orm::Value>) -> Result<(), StoreError> {
        let backend = match self.0.is_postgres() {
            true => DbBackend::Postgres,
            false => DbBackend::Sqlite,
        };
        let statement = Statement::from_sql_and_values(backend, sql, values);
        self.0.conn().execute_raw(statement).await?;
        Ok(())
    }
}
