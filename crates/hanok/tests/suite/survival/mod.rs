//! A server that is killed at every point of an operation, and what everybody finds afterwards.

mod clock;
mod crowd;
mod enqueue;
mod place;
mod power;
mod publish;
mod stream;
mod traced;
mod tracing;
mod upload;
mod working;

use std::io::Write;

use hanok_testkit::TestDatabase;

/// More points than any operation has.
const MOST: u64 = 600;

/// Says how many points were survived, also where a test's output is kept from view.
fn told(what: &str, database: &TestDatabase, points: u64) {
    let name = if database.is_postgres() {
        "PostgreSQL"
    } else {
        "SQLite"
    };
    let _ = writeln!(
        std::io::stderr(),
        "{what} on {name}: killed at {points} points"
    );
}
