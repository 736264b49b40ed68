//! Encrypted SQLite files: what can be read of them, which key opens them, and how they come to be.

use std::path::{Path, PathBuf};

use hanok_store::{EncryptionKey, Store, StoreConfig, StoreError, cipher};
use hanok_testkit::points::Points;
use hanok_testkit::{TestDatabase, on_each_file, test_key};

use crate::helper::{Helper, sample};
use crate::support;

const MARKER: &str = "marker-in-clear-4711";

async fn filled(key: Option<EncryptionKey>) -> (TestDatabase, PathBuf, Store) {
    let db = TestDatabase::sqlite(key);
    let store = db.open().await;
    let (_, project) = TestDatabase::account(&store, MARKER).await;
    for number in 0..50 {
        support::dataset(&store, &project.id, &format!("{MARKER} {number}")).await;
    }
    let file = db.file().expect("a file");
    (db, file, store)
}

async fn names(config: &StoreConfig) -> Result<Vec<String>, StoreError> {
    let store = Store::open(config).await?;
    let rows = store.read(async |tx| tx.projects().list().await).await?;
    assert_eq!(store.damage().await?, Vec::<String>::new());
    store.close().await?;
    Ok(rows.into_iter().map(|row| row.name).collect())
}

/// Files of the directory in which a text can be read, by the ends of their names.
fn readable(file: &Path, text: &str) -> Vec<String> {
    let folder = file.parent().expect("a folder");
    let entries = std::fs::read_dir(folder).expect("a folder");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    let found = paths.filter(|path| {
        let bytes = std::fs::read(path).expect("a file");
        bytes
            .windows(text.len())
            .any(|part| part == text.as_bytes())
    });
    let name = |path: PathBuf| path.file_name().unwrap().to_string_lossy().into_owned();
    let mut names: Vec<String> = found.map(name).collect();
    names.sort();
    names
}

#[tokio::test]
async fn an_encrypted_database_shows_nothing_in_any_of_its_files() {
    for text in [MARKER, "CREATE TABLE", "SQLite format 3"] {
        let (_db, file, store) = filled(Some(test_key(7))).await;
        assert!(store.wal_bytes() > 0);
        assert_eq!(
            readable(&file, text),
            Vec::<String>::new(),
            "with a log: {text}"
        );
        store.close().await.expect("closes");
        assert!(std::fs::metadata(&file).expect("a file").len() > 100_000);
        assert_eq!(
            readable(&file, text),
            Vec::<String>::new(),
            "folded: {text}"
        );
    }
    // The same look finds it where there is no key.
    let (_db, file, store) = filled(None).await;
    assert_eq!(readable(&file, MARKER), ["test.db-wal"]);
    store.close().await.expect("closes");
    assert_eq!(readable(&file, MARKER), ["test.db"]);
}

#[tokio::test]
async fn only_its_own_key_opens_a_database_and_a_refusal_changes_nothing() {
    let (mut db, file, store) = filled(Some(test_key(7))).await;
    store.close().await.expect("closes");
    let before = std::fs::read(&file).expect("a file");
    for (key, said) in [
        (Some(test_key(8)), "the key does not open"),
        (
            None,
            "is encrypted and no key is set: set DB_ENCRYPTION_KEY",
        ),
    ] {
        db.config.key = key;
        match db.try_open().await.err() {
            Some(StoreError::Key(message)) => assert!(message.contains(said), "{message}"),
            other => panic!("expected a refusal, got {other:?}"),
        }
        assert!(std::fs::read(&file).expect("a file") == before);
        assert!(!file.with_extension("db-wal").exists());
    }
    db.config.key = Some(test_key(7));
    assert_eq!(names(&db.config).await.expect("opens"), [MARKER]);
}

#[tokio::test]
async fn a_plain_file_is_not_opened_with_a_key() {
    let (mut db, file, store) = filled(None).await;
    store.close().await.expect("closes");
    let before = std::fs::read(&file).expect("a file");
    db.config.key = Some(test_key(7));
    match db.try_open().await.err() {
        Some(StoreError::Key(message)) => {
            assert!(message.contains("`hanok store encrypt`"), "{message}");
        }
        other => panic!("expected a refusal, got {other:?}"),
    }
    assert!(std::fs::read(&file).expect("a file") == before);
    db.config.key = None;
    assert_eq!(names(&db.config).await.expect("opens"), [MARKER]);
}

#[tokio::test]
async fn a_file_is_encrypted_given_another_key_and_decrypted_with_all_its_rows() {
    let (mut db, file, store) = filled(None).await;
    store.close().await.expect("closes");
    let copy = file.with_file_name("test.db.before-m0000");
    std::fs::copy(&file, &copy).expect("a copy");
    let (one, two) = (test_key(1), test_key(2));
    let mut steps = vec![
        (None, Some(&one)),
        (Some(&one), Some(&two)),
        (Some(&two), None),
    ];
    steps.push((None, Some(&two)));
    for (from, to) in steps {
        match (from, to) {
            (None, Some(key)) => cipher::encrypt(&file, key).await,
            (Some(old), Some(new)) => cipher::rekey(&file, old, new).await,
            (Some(key), None) => cipher::decrypt(&file, key).await,
            (None, None) => unreachable!(),
        }
        .expect("converts");
        let clear = readable(&file, MARKER);
        match to {
            Some(_) => assert_eq!(clear, Vec::<String>::new()),
            None => assert_eq!(clear, ["test.db", "test.db.before-m0000"]),
        }
        for path in [&file, &copy] {
            let mut config = db.config.clone();
            config.url = format!("sqlite://{}", path.display());
            config.key = to.cloned();
            assert_eq!(names(&config).await.expect("opens"), [MARKER], "{path:?}");
        }
        let left = std::fs::read_dir(file.parent().expect("a folder"));
        assert_eq!(left.expect("a folder").count(), 2);
    }
    db.config.key = Some(two);
    let store = db.open().await;
    support::dataset(
        &store,
        &TestDatabase::account(&store, "bob").await.1.id,
        "new",
    )
    .await;
}

#[tokio::test]
async fn a_conversion_that_makes_no_sense_is_refused() {
    let (_db, file, store) = filled(None).await;
    let key = test_key(1);
    let error = cipher::encrypt(&file, &key)
        .await
        .expect_err("a store has it open");
    assert!(matches!(error, StoreError::Busy(_)), "{error:?}");
    store.close().await.expect("closes");
    let refused = async |result: Result<(), StoreError>, said: &str| {
        let error = result.expect_err("refused");
        assert!(matches!(error, StoreError::Key(_)), "{error:?}");
        assert!(error.to_string().contains(said), "{error}");
    };
    refused(cipher::decrypt(&file, &key).await, "is not encrypted").await;
    cipher::encrypt(&file, &key).await.expect("encrypts");
    refused(cipher::encrypt(&file, &key).await, "is encrypted already").await;
    let other = test_key(2);
    refused(
        cipher::rekey(&file, &other, &key).await,
        "the key does not open",
    )
    .await;
    refused(
        cipher::decrypt(&file, &other).await,
        "the key does not open",
    )
    .await;
    let nowhere = file.with_file_name("none.db");
    refused(
        cipher::encrypt(&nowhere, &key).await,
        "there is no database",
    )
    .await;
    assert!(!nowhere.exists());
}

#[tokio::test]
async fn a_conversion_killed_at_any_point_leaves_the_old_file_or_the_new() {
    on_each_file(async |db| {
        let store = db.open().await;
        TestDatabase::account(&store, MARKER).await;
        store.close().await.expect("closes");
        let file = db.file().expect("a file");
        let old = std::fs::read(&file).expect("a file");
        let new_key = test_key(9);
        let rekeys = |kill_at: u64| {
            let points = Points::new();
            points.arm(kill_at);
            let helper = Helper::new("helper::rekeys", &db).new_key(&new_key);
            helper.watched(&points, &db).run();
            points.rest()
        };
        let restore = || {
            for entry in std::fs::read_dir(file.parent().expect("a folder")).expect("a folder") {
                std::fs::remove_file(entry.expect("an entry").path()).expect("removed");
            }
            std::fs::write(&file, &old).expect("restored");
        };
        let total = rekeys(0);
        let (mut kept, mut replaced) = (0, 0);
        for kill_at in sample(total) {
            restore();
            rekeys(kill_at);
            let mut config = db.config.clone();
            if let Err(StoreError::Key(_)) = names(&config).await {
                config.key = Some(new_key.clone());
                replaced += 1;
            } else {
                kept += 1;
            }
            assert_eq!(
                names(&config).await.expect("opens"),
                [MARKER],
                "point {kill_at}"
            );
        }
        assert!(kept > 10 && replaced > 1, "{kept} {replaced}");
    })
    .await;
}

#[tokio::test]
async fn a_process_that_exits_with_the_store_open_ends_as_it_was_told_to_and_loses_nothing() {
    on_each_file(async |db| {
        for number in 1..=3 {
            let output = Helper::new("helper::leaves", &db).run();
            assert_eq!(output.status.code(), Some(7), "{output:?}");
            assert_eq!(names(&db.config).await.expect("opens").len(), number);
        }
    })
    .await;
}
