//! What disks and other processes do to a SQLite file: full, broken, torn, held.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use hanok_store::rows::projects::NewProject;
use hanok_store::{Store, StoreError};
use hanok_testkit::points::{Errno, Failure, Kind, Points};
use hanok_testkit::{TestDatabase, on_each_file};

use crate::helper::{Helper, told};
use crate::support;

async fn projects(store: &Store) -> Vec<String> {
    let rows = store.read(async |tx| tx.projects().list().await).await;
    let mut names: Vec<_> = rows
        .expect("reads")
        .into_iter()
        .map(|row| row.name)
        .collect();
    names.sort();
    names
}

async fn add(store: &Store, name: &str) -> Result<(), StoreError> {
    let new = NewProject {
        name: name.to_owned(),
        kind: "x".repeat(2000),
    };
    let added = store.write(async |tx| tx.projects().insert(&new).await);
    added.await.map(drop)
}

/// What a helper that writes so often under this failure says, as (kept, lost).
fn writes(db: &TestDatabase, count: usize, plan: &Failure) -> (Vec<String>, Vec<String>, String) {
    let points = Points::new();
    points.arm(0);
    points.fail(plan);
    let helper = Helper::new("helper::writes", db).count(count);
    let output = helper.watched(&points, db).run();
    assert!(output.status.success(), "{output:?}");
    let all = String::from_utf8_lossy(&output.stdout).into_owned();
    (told(&output, "kept "), told(&output, "lost "), all)
}

async fn nothing_is_lost(db: &TestDatabase, kept: &[String], unknown: usize) {
    let store = db.open().await;
    let found = projects(&store).await;
    assert!(
        kept.iter().all(|name| found.contains(name)),
        "{kept:?} {found:?}"
    );
    assert!(found.len() <= kept.len() + unknown, "{kept:?} {found:?}");
    assert_eq!(store.damage().await.expect("looks"), Vec::<String>::new());
    add(&store, "afterwards").await.expect("writes again");
    store.close().await.expect("closes");
}

#[tokio::test]
async fn f22_a_flush_that_fails_once_ends_writing_and_loses_nothing() {
    for key in [None, Some(hanok_testkit::test_key(7))] {
        let mut struck = 0;
        for after in 0..10 {
            let db = TestDatabase::sqlite(key.clone());
            db.open().await.close().await.expect("closes");
            let plan = Failure {
                kind: Kind::Sync,
                after,
                times: 1,
                error: Errno::Eio,
            };
            let (kept, lost, said) = writes(&db, 6, &plan);
            if let Some((first, later)) = lost.split_first() {
                struck += 1;
                assert!(first.contains("CommitUnknown"), "{said}");
                assert!(later.iter().all(|one| one.contains("Suspect")), "{said}");
                assert!(said.contains("suspect true"), "{said}");
                // What was acknowledged can still be read.
                assert!(said.contains(&format!("read {}", kept.len())), "{said}");
            }
            nothing_is_lost(&db, &kept, 1).await;
        }
        assert!(struck >= 5, "{struck}");
    }
}

#[tokio::test]
async fn f22_a_kernel_that_fails_a_flush_is_believed_too() {
    if std::env::var_os("HANOK_TEST_FULL").is_none() {
        return;
    }
    on_each_file(async |db| {
        db.open().await.close().await.expect("closes");
        let helper = Helper::new("helper::writes", &db).count(6).command;
        let mut traced = Command::new("strace");
        traced.args(["-f", "-qq", "-o", "/dev/null", "-e"]);
        traced.arg("inject=fdatasync,fsync:error=EIO:when=3");
        traced.arg(helper.get_program()).args(helper.get_args());
        for (name, value) in helper.get_envs() {
            traced.env(name, value.expect("a value"));
        }
        let output = traced.output().expect("strace");
        let (kept, lost) = (told(&output, "kept "), told(&output, "lost "));
        assert!(
            !lost.is_empty() && lost[0].contains("CommitUnknown"),
            "{output:?}"
        );
        nothing_is_lost(&db, &kept, 1).await;
    })
    .await;
}

#[tokio::test]
async fn f20_f21_a_full_or_read_only_disk_fails_the_write_and_no_more() {
    on_each_file(async |db| {
        let mut before = 0;
        for (error, expected) in [
            (Errno::Enospc, "Full"),
            (Errno::Erofs, "Unavailable"),
            (Errno::Edquot, "Unavailable"),
        ] {
            db.open().await.close().await.expect("closes");
            let plan = Failure {
                kind: Kind::Write,
                after: 6,
                times: 2,
                error,
            };
            let (kept, lost, said) = writes(&db, 6, &plan);
            assert!(!lost.is_empty() && lost.len() <= 2, "{error:?} {said}");
            assert!(
                lost.iter().all(|one| one.contains(expected)),
                "{error:?} {said}"
            );
            assert!(
                said.contains("suspect false") && kept.len() >= 4,
                "{error:?} {said}"
            );
            before += kept.len();
            assert!(said.contains(&format!("read {before}")), "{error:?} {said}");
        }
        let plan = Failure {
            kind: Kind::Open,
            after: 0,
            times: 1,
            error: Errno::Emfile,
        };
        let (_, _, said) = writes(&db, 1, &plan);
        assert!(said.contains("refused Unavailable"), "{said}");
        let store = db.open().await;
        assert_eq!(projects(&store).await.len(), before);
    })
    .await;
}

/// A database in the middle of its work, as a crash would leave it: the file and its log, with as many
/// projects as are given back.
async fn crashed(from: &TestDatabase) -> (TestDatabase, PathBuf, Vec<String>) {
    let store = from.open().await;
    let mut names = Vec::new();
    for number in 0..20 {
        let name = format!("p{number:04}");
        add(&store, &name).await.expect("writes");
        names.push(name);
    }
    let db = TestDatabase::sqlite(from.config.key.clone());
    let (old, new) = (from.file().expect("a file"), db.file().expect("a file"));
    std::fs::copy(&old, &new).expect("a copy");
    std::fs::copy(log(&old), log(&new)).expect("a copy");
    (db, new, names)
}

fn log(file: &Path) -> PathBuf {
    PathBuf::from(format!("{}-wal", file.display()))
}

#[tokio::test]
async fn f23_a_torn_log_gives_what_was_committed_before_the_tear() {
    on_each_file(async |from| {
        let mut counts = Vec::new();
        for (keep, flip) in [
            (100, false),
            (90, false),
            (60, false),
            (90, true),
            (60, true),
        ] {
            // Each on a copy of its own.
            let source = TestDatabase::sqlite(from.config.key.clone());
            let (db, file, names) = crashed(&source).await;
            let mut bytes = std::fs::read(log(&file)).expect("a log");
            let at = bytes.len() * keep / 100;
            match flip {
                true => bytes[at] ^= 1,
                false => bytes.truncate(at),
            }
            std::fs::write(log(&file), bytes).expect("a log");
            match db.try_open().await {
                Ok(store) => {
                    let found = projects(&store).await;
                    assert_eq!(found, names[..found.len()], "{keep} {flip}");
                    counts.push(found.len());
                }
                Err(error) => assert!(matches!(error, StoreError::Damaged(_)), "{error:?}"),
            }
        }
        assert_eq!(counts[0], 20);
        assert!(
            counts[1..].iter().all(|count| (1..20).contains(count)),
            "{counts:?}"
        );
    })
    .await;
}

#[tokio::test]
async fn f23_a_torn_file_is_refused_and_never_taken_for_an_empty_one() {
    on_each_file(async |from| {
        let store = from.open().await;
        let (_, project) = TestDatabase::account(&store, "ann").await;
        for number in 0..100 {
            support::dataset(&store, &project.id, &format!("set {number}")).await;
        }
        store.close().await.expect("closes");
        let file = from.file().expect("a file");
        let whole = std::fs::read(&file).expect("a file");
        let half = whole.len() / 4096 / 2 * 4096;
        let torn = |at: usize| {
            let mut bytes = whole.clone();
            bytes[at..at + 2048].fill(0);
            bytes
        };
        let mut damaged = vec![
            ("half of it".to_owned(), whole[..half].to_vec()),
            ("a page and a bit".to_owned(), whole[..5000].to_vec()),
        ];
        damaged.extend(
            (0..whole.len() / 4096).map(|page| (format!("page {page}"), torn(page * 4096))),
        );
        for (what, bytes) in damaged {
            std::fs::write(&file, &bytes).expect("written");
            let error = from.try_open().await.err();
            let told = matches!(error, Some(StoreError::Damaged(_) | StoreError::Key(_)));
            assert!(told, "{what}: {error:?}");
            assert!(
                error.expect("an error").to_string().contains("damaged"),
                "{what}"
            );
            assert!(
                std::fs::read(&file).expect("a file") == bytes,
                "{what} was changed"
            );
        }
        for remains in ["test.db-wal", "test.db.before-m0002_models"] {
            std::fs::write(&file, "").expect("written");
            let remains = file.with_file_name(remains);
            std::fs::write(&remains, "something").expect("written");
            let error = from.try_open().await.err();
            assert!(matches!(error, Some(StoreError::Damaged(_))), "{error:?}");
            std::fs::remove_file(&file).expect("removed");
            let error = from.try_open().await.err();
            assert!(matches!(error, Some(StoreError::Damaged(_))), "{error:?}");
            assert!(!file.exists());
            std::fs::remove_file(&remains).expect("removed");
        }
    })
    .await;
}

#[tokio::test]
async fn f24_another_process_that_holds_the_file_makes_writers_wait_and_give_up() {
    on_each_file(async |mut db| {
        db.config.busy_timeout = Duration::from_millis(600);
        let store = db.open().await;
        add(&store, "before").await.expect("writes");
        let mut helper = Helper::new("helper::holds", &db).command;
        let mut other = helper.stdin(Stdio::piped()).spawn().expect("the helper");
        let mut lines = BufReader::new(other.stdout.take().expect("its output")).lines();
        assert!(lines.any(|line| line.expect("a line").contains("holding")));

        let begun = Instant::now();
        let refused = add(&store, "refused").await;
        let waited = begun.elapsed();
        assert!(matches!(refused, Err(StoreError::Busy(_))), "{refused:?}");
        let allowed = Duration::from_millis(500)..Duration::from_millis(3000);
        assert!(allowed.contains(&waited), "{waited:?}");
        let begun = Instant::now();
        assert_eq!(projects(&store).await, ["before"]);
        assert!(begun.elapsed() < Duration::from_millis(400), "reads wait");

        let late = tokio::spawn({
            let store = store.clone();
            async move { add(&store, "late").await }
        });
        drop(other.stdin.take());
        late.await
            .expect("no panic")
            .expect("written once the other is done");
        assert!(other.wait().expect("ends").success());
    })
    .await;
}

#[tokio::test]
async fn f25_a_reader_that_stays_is_ended_and_the_log_does_not_grow_for_ever() {
    on_each_file(async |mut db| {
        db.config.wal_limit = 300_000;
        db.config.read_timeout = Duration::from_millis(1500);
        // What making the schema left in the log is not what is looked at.
        db.open().await.close().await.expect("closes");
        let store = db.open().await;
        add(&store, "first").await.expect("writes");
        let (reading, started) = (
            store.clone(),
            std::sync::Arc::new(tokio::sync::Notify::new()),
        );
        let begun = started.clone();
        let reader = tokio::spawn(async move {
            let read = reading.read(async |tx| {
                tx.projects().list().await?;
                begun.notify_one();
                std::future::pending::<Result<(), StoreError>>().await
            });
            read.await
        });
        started.notified().await;
        let mut largest = 0;
        let mut number = 0;
        while store.wal_alarms() == 0 {
            number += 1;
            add(&store, &format!("p{number}")).await.expect("writes");
            largest = largest.max(store.wal_bytes());
            assert!(number < 5000, "no alarm at {largest}");
        }
        assert!(largest > 300_000);
        let ended = reader.await.expect("no panic");
        assert!(matches!(ended, Err(StoreError::Busy(_))), "{ended:?}");
        let deadline = Instant::now() + Duration::from_secs(10);
        while store.wal_bytes() > 300_000 {
            assert!(Instant::now() < deadline, "still {}", store.wal_bytes());
            number += 1;
            add(&store, &format!("p{number}")).await.expect("writes");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        assert_eq!(projects(&store).await.len(), number + 1);
    })
    .await;
}
