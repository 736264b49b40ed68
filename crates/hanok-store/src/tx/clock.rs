//! What time it is for rows. A server's clock is asked for now and then, and followed by our own in between:
//! a question per transaction would cost as much as what the transaction is for.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use sea_orm::{ConnectionTrait, DbBackend, Statement};

use super::Conn;
use crate::StoreError;

/// How long the server's clock is followed without being asked.
const FOLLOWED: Duration = Duration::from_secs(10);
/// Our two clocks may part by so much; more means that one was set, or that the machine slept.
const PARTED: Duration = Duration::from_millis(50);

/// The server's clock as last heard. Shared by all transactions of a store.
#[derive(Default)]
pub(crate) struct ServerClock(Mutex<Option<Heard>>);

#[derive(Clone, Copy)]
struct Heard {
    /// The server's time, µs UTC.
    time: i64,
    at: Instant,
    wall: i64,
}

impl ServerClock {
    fn follow(&self) -> Option<i64> {
        let heard = (*self.0.lock().unwrap_or_else(PoisonError::into_inner))?;
        heard.follow(heard.at.elapsed(), wall())
    }

    fn hear(&self, time: i64) {
        let heard = Heard {
            time,
            at: Instant::now(),
            wall: wall(),
        };
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(heard);
    }
}

impl Heard {
    fn follow(&self, elapsed: Duration, wall: i64) -> Option<i64> {
        let elapsed_us = micros(elapsed);
        let parted = (wall.saturating_sub(self.wall)).abs_diff(elapsed_us);
        let sound = elapsed < FOLLOWED && u128::from(parted) < PARTED.as_micros();
        sound.then(|| self.time.saturating_add(elapsed_us))
    }
}

/// Now by the database's clock, µs UTC.
pub(super) async fn now(clock: &ServerClock, conn: &Conn) -> Result<i64, StoreError> {
    if conn.get_database_backend() == DbBackend::Sqlite {
        // SQLite runs in this process: its clock is ours, only coarser.
        return Ok(wall());
    }
    if let Some(now) = clock.follow() {
        return Ok(now);
    }
    let sql = "SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint AS now";
    let row = conn
        .query_one_raw(Statement::from_string(DbBackend::Postgres, sql))
        .await?
        .ok_or_else(|| StoreError::Database("the clock gave no row".to_owned()))?;
    let now = row.try_get("", "now")?;
    clock.hear(now);
    Ok(now)
}

pub(super) fn wall() -> i64 {
    let elapsed = SystemTime::now().duration_since(UNIX_EPOCH);
    micros(elapsed.unwrap_or_default())
}

pub(super) fn micros(time: Duration) -> i64 {
    i64::try_from(time.as_micros()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn f70_the_servers_clock_is_followed_only_while_ours_agree() {
        let heard = Heard {
            time: 1_000,
            at: Instant::now(),
            wall: 500_000,
        };
        let after = |elapsed: u64, wall: i64| heard.follow(Duration::from_micros(elapsed), wall);
        assert_eq!(after(7, 500_007), Some(1_007));
        assert_eq!(after(7, 500_009), Some(1_007));
        let hour = 3_600_000_000;
        assert_eq!(after(7, 500_007 + hour), None, "set forward, or slept");
        assert_eq!(after(7, 500_007 - hour), None, "set back");
        assert_eq!(after(10_000_000, 10_500_000), None, "too long ago");
    }
}
