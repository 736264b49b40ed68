//! The same operations under `strace`, which also sees calls that go past the C library. Part of
//! `cargo xtask test --full`.

use hanok_testkit::{TestDatabase, on_each_database};

use super::place::Place;
use super::{MOST, enqueue, publish, told, upload};

const FILES: [&str; 5] = ["write", "pwrite64", "fsync", "fdatasync", "rename"];
/// How the server speaks to PostgreSQL and to clients.
const SOCKETS: [&str; 2] = ["sendto", "writev"];

async fn survive(database: TestDatabase) {
    let mut place = Place::new(&database);
    let dataset = place.dataset();
    place.start().await;
    let mut number = 0;
    for what in ["upload", "enqueue", "publish"] {
        let mut points = 0;
        for call in FILES.iter().chain(&SOCKETS) {
            place.traced = Some(call);
            for point in 1..=MOST {
                number += 1;
                let unharmed = match what {
                    "upload" => upload::attempt(&mut place, number, point).await,
                    "enqueue" => enqueue::attempt(&mut place, &dataset, number, point).await,
                    _ => publish::attempt(&mut place, &dataset, number, point).await,
                };
                if unharmed {
                    break;
                }
                points += 1;
            }
        }
        assert!(points >= 3, "strace killed {points} times only");
        told(&format!("{what}, traced"), &database, points);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn f01_f04_f10_the_same_under_strace() {
    if std::env::var_os("HANOK_TEST_FULL").is_some() {
        on_each_database(survive).await;
    }
}
