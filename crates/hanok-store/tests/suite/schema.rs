//! Migrations and opening.

use std::os::unix::fs::PermissionsExt;

use hanok_store::{Page, Store, StoreConfig, StoreError};
use hanok_testkit::{TestDatabase, on_all_databases};

use crate::support;

#[tokio::test]
async fn opening_again_keeps_what_is_there() {
    on_all_databases(async |db| {
        let store = db.open().await;
        let (_, project) = TestDatabase::account(&store, "ann").await;
        let dataset = support::dataset(&store, &project.id, "one").await;
        store.close().await.expect("closes");

        let store = db.open().await;
        let found = store
            .read(async |tx| tx.datasets().get(&project.id, &dataset.id).await)
            .await;
        assert_eq!(found.expect("reads"), Some(dataset));
    })
    .await;
}

#[tokio::test]
async fn f30_two_that_open_at_once_both_find_a_whole_schema() {
    on_all_databases(async |db| {
        let opened = [0; 16].map(|_| {
            let db = db.clone();
            tokio::spawn(async move { db.try_open().await })
        });
        for handle in opened {
            let store = handle.await.expect("no panic").expect("opens");
            let projects = store.read(async |tx| tx.projects().list().await).await;
            assert_eq!(projects.expect("reads"), []);
        }
    })
    .await;
}

#[tokio::test]
async fn f30_a_schema_of_a_newer_version_is_refused_untouched() {
    on_all_databases(async |db| {
        db.open().await.close().await.expect("closes");
        db.execute("INSERT INTO seaql_migrations VALUES ('m9999_future', 0)")
            .await;
        match db.try_open().await.err() {
            Some(StoreError::SchemaTooNew { found }) => assert_eq!(found, "m9999_future"),
            other => panic!("expected a refusal, got {other:?}"),
        }
        db.execute("DELETE FROM seaql_migrations WHERE version = 'm9999_future'")
            .await;
        db.open().await;
    })
    .await;
}

#[tokio::test]
async fn an_address_of_another_kind_is_refused() {
    let error = Store::open(&StoreConfig::new("mysql://localhost/x"))
        .await
        .err();
    assert!(matches!(error, Some(StoreError::Config(_))), "{error:?}");
}

#[tokio::test]
async fn f26_a_server_that_is_down_is_unavailable() {
    let mut config = StoreConfig::new("postgres://nobody@127.0.0.1:1/none");
    config.connect_timeout = std::time::Duration::from_millis(300);
    let error = Store::open(&config).await.err();
    match error {
        Some(StoreError::Unavailable(message)) => {
            assert!(message.contains("127.0.0.1:1/none gave no connection within 0.3 s"));
        }
        other => panic!("expected a refusal, got {other:?}"),
    }
}

#[tokio::test]
async fn the_file_and_its_log_are_private() {
    on_all_databases(async |db| {
        let Some(file) = db.file() else { return };
        let store = db.open().await;
        TestDatabase::account(&store, "ann").await;
        for suffix in ["", "-wal", "-shm"] {
            let path = format!("{}{suffix}", file.display());
            let mode = std::fs::metadata(&path)
                .expect("exists")
                .permissions()
                .mode();
            assert_eq!(mode & 0o777, 0o600, "{path}");
        }
    })
    .await;
}

#[tokio::test]
async fn f23_what_is_not_a_database_is_refused() {
    let dir = tempfile::tempdir().expect("a directory");
    let file = dir.path().join("test.db");
    std::fs::write(
        &file,
        "not a database, but long enough to be looked at ".repeat(50),
    )
    .expect("written");
    let config = StoreConfig::new(format!("sqlite://{}", file.display()));
    let error = Store::open(&config).await.err();
    assert!(matches!(error, Some(StoreError::Damaged(_))), "{error:?}");
}

#[tokio::test]
async fn f23_a_damaged_page_is_found_when_opening() {
    on_all_databases(async |db| {
        let Some(file) = db.file() else { return };
        let store = db.open().await;
        let (_, project) = TestDatabase::account(&store, "ann").await;
        for number in 0..200 {
            support::dataset(&store, &project.id, &format!("set {number}")).await;
        }
        store.close().await.expect("closes");
        let mut bytes = std::fs::read(&file).expect("read");
        let pages = bytes.len() / 4096;
        for page in pages / 2..pages {
            bytes[page * 4096..page * 4096 + 64].fill(0xff);
        }
        std::fs::write(&file, bytes).expect("written");
        let error = db.try_open().await.err();
        assert!(matches!(error, Some(StoreError::Damaged(_))), "{error:?}");
    })
    .await;
}

#[tokio::test]
async fn pages_go_from_the_newest_to_the_oldest() {
    on_all_databases(async |db| {
        let store = db.open().await;
        let (_, project) = TestDatabase::account(&store, "ann").await;
        let mut made = Vec::new();
        for name in ["a", "b", "c", "d", "e"] {
            made.push(support::dataset(&store, &project.id, name).await.id);
        }
        made.reverse();
        let mut seen = Vec::new();
        let mut page = Page::first(2);
        loop {
            let rows = store
                .read(async |tx| tx.datasets().list(&project.id, &page).await)
                .await
                .expect("lists");
            let Some(last) = rows.last() else { break };
            page = Page::after(last.id.clone(), 2);
            seen.extend(rows.into_iter().map(|row| row.id));
        }
        assert_eq!(seen, made);
    })
    .await;
}
