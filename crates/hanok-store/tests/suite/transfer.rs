//! Moving all rows to another database: whole, exact, once, however often it is interrupted.

use std::sync::Arc;

use hanok_store::rows::events::NewEvent;
use hanok_store::transfer::{Phase, TableProgress, Transfer};
use hanok_store::{Store, StoreConfig, StoreError};
use hanok_testkit::{PrivatePostgres, TestDatabase, on_each_database, test_key};
use serde_json::json;
use tokio::sync::Notify;

use crate::support;

const EVENTS: i64 = 1300;

/// A source with rows in most tables, among them values that are easily changed on the way.
async fn source(key: Option<hanok_store::EncryptionKey>) -> TestDatabase {
    let db = TestDatabase::sqlite(key);
    let store = db.open().await;
    let (_, project) = TestDatabase::account(&store, "ann").await;
    store
        .write(async |tx| {
            for number in 0..40 {
                support::run(&tx, &project.id, &format!("run {number}")).await?;
            }
            let event = |number| NewEvent {
                kind: "metrics".to_owned(),
                data: json!({ "step": number, "text": "a\u{0} \u{1f600} \"quoted\"" }),
            };
            let events: Vec<NewEvent> = (0..EVENTS).map(event).collect();
            tx.events().append(&project.id, "run_x", &events).await?;
            Ok::<_, StoreError>(())
        })
        .await
        .expect("rows");
    store.close().await.expect("closes");
    db.execute(&awkward(&project.id)).await;
    db
}

/// Written past the store, which would not make them.
fn awkward(project: &str) -> String {
    let (most, least) = (i64::MAX, i64::MIN);
    format!(
        "INSERT INTO users (id, name, email, role, password_hash, created_at, disabled_at) VALUES
            ('user_1', '', NULL, 'odd', '', {most}, {least}),
            ('user_2', '한옥 \u{1f3e0} e\u{301} ''quoted'' \\n', '', 'user', NULL, 0, -1);
         INSERT INTO objects (project_id, hash, size, created_at) VALUES
            ('{project}', 'B', {most}, 1), ('{project}', 'a', 0, 2), ('{project}', '_', 1, 3);
         INSERT INTO idempotency (project_id, key, route, request_hash, status, response, created_at)
            VALUES ('{project}', '', '', 'h', NULL, NULL, 0),
                ('{project}', '', '/b', 'h', {least}, '{{\"b\": 1,  \"a\": [null, 1.0]}}', 1),
                ('{project}', 'k\"[', '/a', 'h', 200, '', 2);
         INSERT INTO jobs (id, project_id, kind, executor, payload, subject, priority, state, epoch,
                attempts, max_attempts, run_after, cancel_requested, created_at) VALUES
            ('job_1', '{project}', 'k', 'e', '{{}}', '', {least}, 'queued', 0, 0, 1, 0, true, 0),
            ('job_2', '{project}', 'k', 'e', '{{}}', '', {most}, 'strange', 0, 0, 1, 0, false, 0)"
    )
}

/// Runs a transfer until it has told so many times of copying, and drops it there.
async fn interrupted(from: &StoreConfig, to: &StoreConfig, steps: u32) -> u64 {
    let transfer = Transfer::open(from, to).await.expect("opens");
    assert!(!transfer.is_finished());
    let enough = Arc::new(Notify::new());
    let (mut seen, mut first, signal) = (0, None, enough.clone());
    let mut told = |progress: TableProgress| {
        if progress.table == "events" {
            first.get_or_insert(progress.done);
        }
        seen += 1;
        if seen == steps {
            signal.notify_one();
        }
    };
    tokio::select! {
        biased;
        () = enough.notified() => {}
        done = transfer.copy(&mut told) => panic!("it ended before: {done:?}"),
    }
    first.unwrap_or(0)
}

async fn finished(from: &StoreConfig, to: &StoreConfig) -> u64 {
    let mut transfer = Transfer::open(from, to).await.expect("opens");
    let copied = transfer.copy(&mut |_| ()).await.expect("copies");
    let mut compared = 0;
    let checks = transfer
        .compare(&mut |progress| compared += u32::from(progress.phase == Phase::Comparing))
        .await
        .expect("compares");
    assert!(compared > 0);
    for check in &checks {
        assert!(check.agrees(), "{check:?}");
    }
    assert_eq!(
        checks.iter().map(|check| check.source.rows).sum::<u64>(),
        copied
    );
    transfer.finish(&checks).await.expect("finishes");
    transfer.close().await.expect("closes");
    copied
}

/// New rows get numbers of their own.
async fn goes_on(target: &TestDatabase) {
    let store = target.open().await;
    let projects = store.read(async |tx| tx.projects().list().await).await;
    let project = projects.expect("reads").remove(0).id;
    let new = [NewEvent {
        kind: "k".to_owned(),
        data: json!(1),
    }];
    let last = store
        .write(async |tx| tx.events().append(&project, "run_x", &new).await)
        .await;
    assert_eq!(last.expect("a new row"), EVENTS + 1);
    let highest = target.number("SELECT max(id) FROM events").await;
    assert_eq!(highest, EVENTS + 1);
    TestDatabase::account(&store, "bob").await;
    store.close().await.expect("closes");
}

fn refused(result: Result<Store, StoreError>) -> String {
    match result.err() {
        Some(StoreError::Config(message)) => message,
        other => panic!("expected a refusal, got {other:?}"),
    }
}

#[tokio::test]
async fn a_transfer_that_is_interrupted_twice_ends_with_the_same_rows() {
    on_each_database(async |target| {
        let source = source(None).await;
        interrupted(&source.config, &target.config, 6).await;
        assert!(refused(target.try_open().await).contains("is not finished"));
        // So late that rows of the long table are there.
        let steps = 24;
        interrupted(&source.config, &target.config, steps).await;
        let there = target.number("SELECT count(*) FROM events").await;
        assert!(0 < there && there < EVENTS, "{there} after {steps} steps");
        let noted = target
            .number("SELECT copied FROM transfer_progress WHERE name = 'events'")
            .await;
        assert_eq!(noted, there);
        finished(&source.config, &target.config).await;
        assert_eq!(target.number("SELECT count(*) FROM events").await, EVENTS);
        let extreme = "SELECT count(*) FROM users WHERE id = 'user_1' AND name = '' \
            AND email IS NULL AND password_hash = '' \
            AND created_at = 9223372036854775807 AND disabled_at < -9223372036854775807";
        assert_eq!(target.number(extreme).await, 1);
        let flags = "SELECT count(*) FROM jobs WHERE cancel_requested AND holder IS NULL";
        assert_eq!(target.number(flags).await, 1);
    })
    .await;
}

#[tokio::test]
async fn a_finished_target_is_used_like_any_other() {
    on_each_database(async |target| {
        let source = source(Some(test_key(7))).await;
        finished(&source.config, &target.config).await;
        let again = Transfer::open(&source.config, &target.config).await;
        let again = again.expect("opens");
        assert!(again.is_finished());
        assert!(again.restart().await.is_err(), "nothing is removed");
        again.close().await.expect("closes");
        goes_on(&target).await;
    })
    .await;
}

#[tokio::test]
async fn a_target_with_rows_or_of_another_installation_is_refused_untouched() {
    on_each_database(async |target| {
        let ours = source(None).await;
        let store = target.open().await;
        TestDatabase::account(&store, "bob").await;
        let refusal = Transfer::open(&ours.config, &target.config).await.err();
        let refusal = refusal.expect("a refusal").to_string();
        assert!(refusal.contains("the target must be empty"), "{refusal}");
        store.close().await.expect("closes");
        target.open().await.close().await.expect("closes");
    })
    .await;
    on_each_database(async |target| {
        let (ours, theirs) = (source(None).await, source(None).await);
        interrupted(&theirs.config, &target.config, 3).await;
        let refusal = Transfer::open(&ours.config, &target.config).await.err();
        let refusal = refusal.expect("a refusal").to_string();
        assert!(refusal.contains("from another installation"), "{refusal}");
        finished(&theirs.config, &target.config).await;
    })
    .await;
}

#[tokio::test]
async fn a_source_that_changed_meanwhile_is_noticed_and_copied_anew() {
    on_each_database(async |target| {
        let source = source(None).await;
        interrupted(&source.config, &target.config, 24).await;
        source
            .execute("UPDATE users SET name = 'changed' WHERE id = 'user_1'")
            .await;
        let mut transfer = Transfer::open(&source.config, &target.config)
            .await
            .expect("opens");
        transfer.copy(&mut |_| ()).await.expect("copies");
        let checks = transfer.compare(&mut |_| ()).await.expect("compares");
        let refusal = transfer.finish(&checks).await.expect_err("a difference");
        assert!(
            refusal.to_string().contains("differ in: users"),
            "{refusal}"
        );
        assert!(refused(target.try_open().await).contains("is not finished"));
        transfer.restart().await.expect("begins anew");
        transfer.close().await.expect("closes");
        finished(&source.config, &target.config).await;
        target.open().await;
    })
    .await;
}

#[tokio::test]
async fn text_that_postgres_cannot_hold_is_named() {
    on_each_database(async |target| {
        let source = source(None).await;
        source
            .execute("UPDATE users SET name = 'a' || char(0) || 'b' WHERE id = 'user_2'")
            .await;
        let transfer = Transfer::open(&source.config, &target.config)
            .await
            .expect("opens");
        let copied = transfer.copy(&mut |_| ()).await;
        if target.is_postgres() {
            let message = copied.expect_err("refused").to_string();
            assert!(
                message.contains("users.name of the row [\"user_2\"]"),
                "{message}"
            );
        } else {
            copied.expect("SQLite holds it");
        }
    })
    .await;
}

#[tokio::test]
async fn a_database_is_not_copied_into_itself() {
    let source = source(None).await;
    let refusal = Transfer::open(&source.config, &source.config).await.err();
    assert!(
        refusal
            .expect("a refusal")
            .to_string()
            .contains("same database")
    );
    source.open().await;
}

#[tokio::test]
async fn a_role_that_may_not_change_the_schema_is_enough_beside_one_that_may() {
    let Some(server) = PrivatePostgres::start() else {
        return;
    };
    let admin = TestDatabase::at(StoreConfig::new(server.url("hanok")));
    admin
        .execute(
            "CREATE ROLE owner LOGIN; CREATE ROLE app LOGIN; \
             CREATE SCHEMA studio AUTHORIZATION owner; GRANT USAGE ON SCHEMA studio TO app; \
             REVOKE CREATE ON SCHEMA public FROM PUBLIC",
        )
        .await;
    let source = source(None).await;
    let mut config = StoreConfig::new(server.url("app"));
    config.schema = Some("studio".to_owned());
    config.migration_url = Some(server.url("owner"));
    interrupted(&source.config, &config, 6).await;
    finished(&source.config, &config).await;
    config.migration_url = None;
    goes_on(&TestDatabase::at(config)).await;
}
