//! How long a statement may take. Nothing ends one from outside: it looks at the clock itself.

use std::ffi::{c_int, c_uint, c_void};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use libsqlite3_sys::{SQLITE_OK, SQLITE_TRACE_STMT, sqlite3_trace_v2};
use sqlx::sqlite::SqliteConnection;

/// Steps of SQLite's machine between two looks at the clock: well under a millisecond.
const STEPS: i32 = 10_000;

/// Ends every statement of this connection that takes longer.
pub(super) async fn limit_statements(
    connection: &mut SqliteConnection,
    limit: Duration,
) -> sqlx::Result<()> {
    // A number for each connection, of which there are few, for as long as the process lives: SQLite keeps
    // its address, and nobody has to know when it stops.
    let began: &'static AtomicU64 = Box::leak(Box::new(AtomicU64::new(now())));
    let mut handle = connection.lock_handle().await?;
    let limit = u64::try_from(limit.as_millis()).unwrap_or(u64::MAX);
    handle.set_progress_handler(STEPS, move || {
        now().saturating_sub(began.load(Ordering::Relaxed)) < limit
    });
    let context = std::ptr::from_ref(began).cast_mut().cast::<c_void>();
    // SAFETY: the handle is locked, and open for as long as it is; the context lives for ever.
    let told = unsafe {
        let raw = handle.as_raw_handle().as_ptr();
        sqlite3_trace_v2(raw, SQLITE_TRACE_STMT, Some(begins), context)
    };
    match told {
        SQLITE_OK => Ok(()),
        code => Err(sqlx::Error::Protocol(format!(
            "SQLite tells of no statements: {code}"
        ))),
    }
}

/// SQLite begins a statement.
unsafe extern "C" fn begins(
    _: c_uint,
    context: *mut c_void,
    _: *mut c_void,
    _: *mut c_void,
) -> c_int {
    // SAFETY: it is the number that `limit_statements` handed over, which is never freed.
    let began = unsafe { &*context.cast::<AtomicU64>() };
    began.store(now(), Ordering::Relaxed);
    SQLITE_OK
}

/// Milliseconds since the first question.
fn now() -> u64 {
    static FIRST: OnceLock<Instant> = OnceLock::new();
    let elapsed = FIRST.get_or_init(Instant::now).elapsed();
    u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX)
}
