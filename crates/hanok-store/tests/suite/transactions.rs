//! What a transaction promises.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use hanok_store::rows::users::NewUser;
use hanok_store::{Change, Page, StoreError};
use hanok_testkit::{TestDatabase, on_all_databases};
use tokio::sync::{Barrier, Notify};

use crate::support;

/// An error of the code above, to see that it passes through.
#[derive(Debug, thiserror::Error)]
enum Above {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("refused")]
    Refused,
}

#[tokio::test]
async fn an_error_rolls_everything_back_and_tells_nobody() {
    on_all_databases(async |db| {
        let store = db.open().await;
        let (_, project) = TestDatabase::account(&store, "ann").await;
        let mut changes = store.subscribe();
        let outcome = store
            .write(async |tx| {
                let new = support::new_dataset(&project.id, "gone");
                tx.datasets().insert(&new).await?;
                tx.notify(&project.id, "datasets");
                Err::<(), _>(Above::Refused)
            })
            .await;
        assert!(matches!(outcome, Err(Above::Refused)));
        let rows = store
            .read(async |tx| tx.datasets().list(&project.id, &Page::first(10)).await)
            .await;
        assert_eq!(rows.expect("lists"), []);
        assert!(changes.try_recv().is_err());
    })
    .await;
}

#[tokio::test]
async fn a_change_is_told_once_and_after_the_commit() {
    on_all_databases(async |db| {
        let store = db.open().await;
        let mut changes = store.subscribe();
        store
            .write(async |tx| {
                tx.notify("proj_a", "run_1");
                tx.notify("proj_a", "run_1");
                tx.notify("proj_b", "run_1");
                assert!(store.subscribe().try_recv().is_err());
                Ok::<_, StoreError>(())
            })
            .await
            .expect("commits");
        let told = |project: &str| Change {
            project: project.to_owned(),
            topic: "run_1".to_owned(),
        };
        assert_eq!(changes.try_recv().ok(), Some(told("proj_a")));
        assert_eq!(changes.try_recv().ok(), Some(told("proj_b")));
        assert!(changes.try_recv().is_err());
    })
    .await;
}

#[tokio::test]
async fn a_panic_rolls_back_and_leaves_the_store_usable() {
    on_all_databases(async |db| {
        let store = db.open().await;
        let (_, project) = TestDatabase::account(&store, "ann").await;
        let (inside, owner) = (store.clone(), project.id.clone());
        let task = tokio::spawn(async move {
            inside
                .write(async |tx| {
                    let new = support::new_dataset(&owner, "gone");
                    tx.datasets().insert(&new).await?;
                    assert!(owner.is_empty(), "this panics");
                    Ok::<_, StoreError>(())
                })
                .await
        });
        assert!(task.await.is_err());
        support::dataset(&store, &project.id, "kept").await;
        let rows = store
            .read(async |tx| tx.datasets().list(&project.id, &Page::first(10)).await)
            .await
            .expect("lists");
        assert_eq!(rows.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_handle_that_outlives_its_transaction_prevents_the_commit() {
    on_all_databases(async |db| {
        let store = db.open().await;
        let kept = std::sync::Mutex::new(None);
        let outcome = store
            .write(async |tx| {
                if let Ok(mut kept) = kept.lock() {
                    *kept = Some(tx.clone());
                }
                Ok::<_, StoreError>(())
            })
            .await;
        assert!(matches!(outcome, Err(StoreError::Database(_))));
    })
    .await;
}

#[tokio::test]
async fn a_reading_transaction_cannot_write() {
    on_all_databases(async |db| {
        let store = db.open().await;
        let new = NewUser {
            name: "ann".to_owned(),
            email: None,
            role: hanok_domain::role::UserRole::User,
            password_hash: None,
        };
        let outcome = store.read(async |tx| tx.users().insert(&new).await).await;
        assert!(outcome.is_err());
        let count = store.read(async |tx| tx.users().count().await).await;
        assert_eq!(count.expect("counts"), 0);
    })
    .await;
}

#[tokio::test]
async fn f25_readers_see_one_snapshot_while_a_writer_is_at_work() {
    on_all_databases(async |db| {
        let store = db.open().await;
        let (_, project) = TestDatabase::account(&store, "ann").await;
        let written = Arc::new(Notify::new());
        let go_on = Arc::new(Notify::new());
        let writer = {
            let (store, project) = (store.clone(), project.id.clone());
            let (written, go_on) = (written.clone(), go_on.clone());
            tokio::spawn(async move {
                store
                    .write(async |tx| {
                        let new = support::new_dataset(&project, "new");
                        tx.datasets().insert(&new).await?;
                        written.notify_one();
                        go_on.notified().await;
                        Ok::<_, StoreError>(())
                    })
                    .await
            })
        };
        written.notified().await;
        let page = Page::first(10);
        let counts = store
            .read(async |tx| {
                let before = tx.datasets().list(&project.id, &page).await?.len();
                go_on.notify_one();
                while !writer.is_finished() {
                    tokio::task::yield_now().await;
                }
                let after = tx.datasets().list(&project.id, &page).await?.len();
                Ok::<_, StoreError>((before, after))
            })
            .await;
        assert_eq!(counts.expect("reads"), (0, 0));
        writer.await.expect("no panic").expect("commits");
        let rows = store
            .read(async |tx| tx.datasets().list(&project.id, &page).await)
            .await;
        assert_eq!(rows.expect("lists").len(), 1);
    })
    .await;
}

#[tokio::test]
async fn f28_a_deadlock_is_tried_again_until_both_succeed() {
    on_all_databases(async |db| {
        let store = db.open().await;
        let (ann, _) = TestDatabase::account(&store, "ann").await;
        let (bob, _) = TestDatabase::account(&store, "bob").await;
        // On SQLite the second waits for the first, so that they cannot meet inside.
        let meet = Arc::new(Barrier::new(if db.is_postgres() { 2 } else { 1 }));
        let tries = Arc::new(AtomicU32::new(0));
        let change = |first: &str, second: &str| {
            let (store, meet, tries) = (store.clone(), meet.clone(), tries.clone());
            let (first, second) = (first.to_owned(), second.to_owned());
            tokio::spawn(async move {
                let change = hanok_store::rows::users::UserChange {
                    disabled: Some(true),
                    ..Default::default()
                };
                store
                    .write(async |tx| {
                        tx.users().update(&first, &change).await?;
                        if tries.fetch_add(1, Ordering::SeqCst) < 2 {
                            meet.wait().await;
                        }
                        tx.users().update(&second, &change).await
                    })
                    .await
            })
        };
        let one = change(&ann.id, &bob.id);
        let two = change(&bob.id, &ann.id);
        one.await.expect("no panic").expect("commits");
        two.await.expect("no panic").expect("commits");
        // Whoever tries again may meet the other once more.
        let expected = if db.is_postgres() { 3..=9 } else { 2..=2 };
        let tries = tries.load(Ordering::SeqCst);
        assert!(expected.contains(&tries), "{tries} tries");
    })
    .await;
}

#[tokio::test]
async fn f24_a_file_that_another_process_holds_is_busy_and_still_readable() {
    on_all_databases(async |mut db| {
        if db.is_postgres() {
            return;
        }
        db.config.busy_timeout = Duration::from_millis(50);
        let store = db.open().await;
        let other = db.open().await;
        let (_, project) = TestDatabase::account(&store, "ann").await;
        other
            .write(async |_tx| {
                let new = support::new_dataset(&project.id, "late");
                let refused = store
                    .write(async |tx| tx.datasets().insert(&new).await)
                    .await;
                assert!(matches!(refused, Err(StoreError::Busy(_))), "{refused:?}");
                let read = store
                    .read(async |tx| tx.projects().get(&project.id).await)
                    .await?;
                assert!(read.is_some());
                Ok::<_, StoreError>(())
            })
            .await
            .expect("commits");
        support::dataset(&store, &project.id, "in time").await;
    })
    .await;
}

#[tokio::test]
async fn f27_a_pool_with_nothing_free_is_busy_after_the_time_allowed() {
    on_all_databases(async |mut db| {
        db.config.acquire_timeout = Duration::from_millis(300);
        db.config.max_connections = 1;
        let store = db.open().await;
        store
            .write(async |_tx| {
                let refused = store.write(async |_tx| Ok::<_, StoreError>(())).await;
                assert!(matches!(refused, Err(StoreError::Busy(_))), "{refused:?}");
                Ok::<_, StoreError>(())
            })
            .await
            .expect("commits");
    })
    .await;
}

#[tokio::test]
async fn now_stands_still_within_a_transaction_and_is_about_now() {
    on_all_databases(async |db| {
        let store = db.open().await;
        let (first, second) = store
            .write(async |tx| Ok::<_, StoreError>((tx.now().await?, tx.now().await?)))
            .await
            .expect("commits");
        assert_eq!(first, second);
        let here = std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .expect("after 1970")
            .as_micros();
        assert!(here.abs_diff(first as u128) < 60_000_000);
    })
    .await;
}

#[tokio::test]
async fn who_does_not_wait_for_a_beginning_leaves_nothing_to_those_who_come_next() {
    on_all_databases(async |mut db| {
        // One connection to read, so that everybody gets the same.
        db.config.max_connections = 2;
        let store = db.open().await;
        let users = async || {
            let count = store.look(async |tx| tx.users().count().await).await;
            count.expect("counts")
        };
        for polls in 0..12 {
            let before = users().await;
            let mut reading = Box::pin(
                store.read(async |_| std::future::pending::<Result<(), StoreError>>().await),
            );
            for _ in 0..polls {
                let _ = tokio::time::timeout(Duration::from_micros(100), &mut reading).await;
            }
            drop(reading);
            assert_eq!(users().await, before);
            TestDatabase::account(&store, &format!("user {polls}")).await;
            assert_eq!(users().await, before + 1, "after {polls} polls");
        }
    })
    .await;
}
