//! A PostgreSQL that is away, slow, silent, or cut off at the worst moment.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use hanok_store::rows::idempotency::{RequestKey, Seen};
use hanok_store::rows::users::UserChange;
use hanok_store::{Page, Store, StoreConfig, StoreError};
use hanok_testkit::{PrivatePostgres, TestDatabase, on_all_databases};
use serde_json::json;

use crate::proxy::{Mode, Proxy};
use crate::support;

async fn count(store: &Store) -> Result<usize, StoreError> {
    let rows = store.read(async |tx| tx.projects().list().await).await;
    rows.map(|rows| rows.len())
}

async fn execute(url: &str, sql: &str) {
    let db = TestDatabase::at(StoreConfig::new(url));
    db.execute(sql).await;
}

const END_ALL: &str = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
    WHERE application_name = 'hanok' AND pid <> pg_backend_pid()";

#[tokio::test]
async fn f26_a_server_that_goes_and_comes_back_is_told_and_found_again() {
    let Some(server) = PrivatePostgres::start() else {
        return;
    };
    let server = Arc::new(server);
    let url = server.url("hanok");
    server.stop();
    let mut config = StoreConfig::new(&url);
    config.connect_timeout = Duration::from_secs(20);
    let opening = tokio::spawn(async move { Store::open(&config).await });
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert!(!opening.is_finished());
    server.resume();
    let store = opening
        .await
        .expect("no panic")
        .expect("opens once it is there");
    TestDatabase::account(&store, "ann").await;

    execute(&url, END_ALL).await;
    assert_eq!(count(&store).await.expect("on a new connection"), 1);
    let ended = store
        .write(async |tx| {
            execute(&url, END_ALL).await;
            tx.projects().list().await
        })
        .await;
    assert!(
        matches!(ended, Err(StoreError::Unavailable(_))),
        "{ended:?}"
    );

    server.stop();
    let begun = Instant::now();
    let refused = count(&store).await;
    assert!(
        matches!(refused, Err(StoreError::Unavailable(_))),
        "{refused:?}"
    );
    let refused = store.write(async |_tx| Ok::<_, StoreError>(())).await;
    assert!(
        matches!(refused, Err(StoreError::Unavailable(_))),
        "{refused:?}"
    );
    assert!(
        begun.elapsed() < Duration::from_secs(8),
        "{:?}",
        begun.elapsed()
    );

    server.resume();
    let begun = Instant::now();
    while count(&store).await.is_err() {
        assert!(begun.elapsed() < Duration::from_secs(10), "not found again");
    }
    support::dataset(
        &store,
        &TestDatabase::account(&store, "bob").await.1.id,
        "new",
    )
    .await;
    assert_eq!(count(&store).await.expect("reads"), 2);
}

#[tokio::test]
async fn f26_a_connection_that_falls_silent_is_given_up_and_its_place_is_free_again() {
    on_all_databases(async |mut db| {
        if !db.is_postgres() {
            return;
        }
        let proxy = Proxy::to(&db.config.url).await;
        db.config.url.clone_from(&proxy.url);
        db.config.statement_timeout = Duration::from_millis(500);
        db.config.acquire_timeout = Duration::from_millis(800);
        db.config.max_connections = 2;
        let store = db.open().await;
        let (ann, _) = TestDatabase::account(&store, "ann").await;
        let begun = Instant::now();
        let cut = store
            .write(async |tx| {
                proxy.set(Mode::Silence);
                tx.users().update(&ann.id, &UserChange::default()).await
            })
            .await;
        assert!(matches!(cut, Err(StoreError::Unavailable(_))), "{cut:?}");
        let refused = count(&store).await.expect_err("refused");
        let kind = matches!(refused, StoreError::Unavailable(_) | StoreError::Busy(_));
        assert!(
            kind && begun.elapsed() < Duration::from_secs(8),
            "{refused:?}"
        );
        proxy.set(Mode::Pass);
        let begun = Instant::now();
        while count(&store).await.is_err()
            || TestDatabase::try_account(&store, "bob").await.is_err()
        {
            assert!(begun.elapsed() < Duration::from_secs(10), "not found again");
        }
    })
    .await;
}

#[tokio::test]
async fn connections_beyond_what_may_idle_are_closed_and_old_ones_replaced() {
    let Some(server) = PrivatePostgres::start() else {
        return;
    };
    let mut config = StoreConfig::new(server.url("hanok"));
    config.max_connections = 8;
    config.max_idle_connections = 2;
    let store = Store::open(&config).await.expect("opens");
    let admin = TestDatabase::at(StoreConfig::new(server.url("hanok")));
    let open = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'hanok'";
    let meet = Arc::new(tokio::sync::Barrier::new(4));
    let readers = [0; 4].map(|_| {
        let (store, meet) = (store.clone(), meet.clone());
        tokio::spawn(async move {
            let read = store.read(async |_tx| {
                meet.wait().await;
                Ok::<_, StoreError>(())
            });
            read.await
        })
    });
    for reader in readers {
        reader.await.expect("no panic").expect("four at once");
    }
    let begun = Instant::now();
    // One reads, one writes.
    while admin.number(open).await > 2 {
        assert!(begun.elapsed() < Duration::from_secs(5), "they stay");
    }
    assert_eq!(count(&store).await.expect("reads"), 0);
    store.close().await.expect("closes");
    while admin.number(open).await > 0 {
        assert!(begun.elapsed() < Duration::from_secs(10), "they stay open");
    }
}

#[tokio::test]
async fn f27_a_statement_that_takes_too_long_is_ended() {
    on_all_databases(async |mut db| {
        if !db.is_postgres() {
            return;
        }
        db.config.statement_timeout = Duration::from_millis(300);
        let store = db.open().await;
        TestDatabase::account(&store, "ann").await;
        let schema = db.config.schema.clone().expect("a schema");
        let url = db.config.url.clone();
        let holder = tokio::spawn(async move {
            let sql = format!("LOCK TABLE {schema}.projects; SELECT pg_sleep(3)");
            execute(&url, &format!("BEGIN; {sql}; COMMIT")).await;
        });
        tokio::time::sleep(Duration::from_millis(500)).await;
        let begun = Instant::now();
        let ended = count(&store).await;
        assert!(matches!(ended, Err(StoreError::Busy(_))), "{ended:?}");
        assert!(
            begun.elapsed() < Duration::from_secs(2),
            "{:?}",
            begun.elapsed()
        );
        holder.await.expect("no panic");
        assert_eq!(count(&store).await.expect("reads"), 1);
    })
    .await;
}

#[tokio::test]
async fn f28_collisions_without_end_are_given_up_after_a_few_tries() {
    on_all_databases(async |db| {
        if !db.is_postgres() {
            return;
        }
        let store = db.open().await;
        let (ann, _) = TestDatabase::account(&store, "ann").await;
        db.execute(
            "CREATE FUNCTION collide() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
             RAISE EXCEPTION 'again' USING ERRCODE = '40001'; END $$; \
             CREATE TRIGGER collide BEFORE UPDATE ON users EXECUTE FUNCTION collide()",
        )
        .await;
        let tries = AtomicU32::new(0);
        let change = UserChange {
            disabled: Some(true),
            ..UserChange::default()
        };
        let outcome = store
            .write(async |tx| {
                tries.fetch_add(1, Ordering::SeqCst);
                tx.users().update(&ann.id, &change).await
            })
            .await;
        assert!(
            matches!(outcome, Err(StoreError::Serialization(_))),
            "{outcome:?}"
        );
        assert_eq!(tries.load(Ordering::SeqCst), 5);
    })
    .await;
}

/// What a creating handler does: claim the key, create, keep the answer.
async fn create(store: &Store, request: &RequestKey) -> Result<Seen, StoreError> {
    store
        .write(async |tx| {
            let seen = tx.idempotency().begin(request).await?;
            if seen == Seen::New {
                let new = support::new_dataset(&request.project_id, "one");
                tx.datasets().insert(&new).await?;
                tx.idempotency().finish(request, 201, &json!({})).await?;
            }
            Ok(seen)
        })
        .await
}

#[tokio::test]
async fn f29_a_commit_that_is_cut_off_is_unknown_and_repeating_it_makes_no_double() {
    on_all_databases(async |mut db| {
        if !db.is_postgres() {
            return;
        }
        let proxy = Proxy::to(&db.config.url).await;
        db.config.url.clone_from(&proxy.url);
        let store = db.open().await;
        let (_, project) = TestDatabase::account(&store, "ann").await;
        for (number, mode) in [Mode::CutAfterCommit, Mode::CutBeforeCommit]
            .into_iter()
            .enumerate()
        {
            let request = RequestKey {
                project_id: project.id.clone(),
                key: format!("{mode:?}"),
                route: "POST /api/v1/datasets".to_owned(),
                request_hash: "body".to_owned(),
            };
            proxy.set(mode);
            let cut = create(&store, &request).await;
            assert!(
                matches!(cut, Err(StoreError::CommitUnknown(_))),
                "{mode:?} {cut:?}"
            );
            proxy.set(Mode::Pass);
            let again = create(&store, &request).await.expect("runs");
            match mode {
                Mode::CutAfterCommit => {
                    assert!(matches!(again, Seen::Answered { .. }), "{again:?}")
                }
                _ => assert_eq!(again, Seen::New),
            }
            let page = Page::first(9);
            let rows = store.read(async |tx| tx.datasets().list(&project.id, &page).await);
            assert_eq!(rows.await.expect("lists").len(), number + 1, "{mode:?}");
        }
    })
    .await;
}
