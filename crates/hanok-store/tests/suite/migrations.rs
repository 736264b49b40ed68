//! Changing the schema of a database that is in use: all or nothing, once, with a copy before.

use std::os::unix::fs::PermissionsExt;

use hanok_store::{Page, StoreError};
use hanok_testkit::points::Points;
use hanok_testkit::{TestDatabase, on_all_databases, on_each_file};

use crate::helper::{Helper, sample, told};
use crate::support;

const APPLIED: &str = "SELECT count(*) FROM seaql_migrations";

/// Takes a database back to the first schema.
async fn age(db: &TestDatabase) {
    let mut sql = "ALTER TABLE jobs DROP COLUMN pause_requested_at; DROP TABLE audit; DROP TABLE audit_head; DROP TABLE fine_tunes; \
         DROP TABLE sign_in_failures; DROP TABLE invitations; DROP TABLE mails; DROP INDEX ix_users_role_id; \
         DROP TABLE refresh_tokens; DROP TABLE recovery_codes; DROP TABLE identities; DROP TABLE oidc_flows; \
         ALTER TABLE users DROP COLUMN totp_secret; ALTER TABLE users DROP COLUMN totp_confirmed_at; \
         ALTER TABLE users DROP COLUMN totp_last_step; \
         ALTER TABLE projects DROP COLUMN deleted_at; ALTER TABLE projects DROP COLUMN purge_after; \
         ALTER TABLE sessions DROP COLUMN project_id; ALTER TABLE api_keys DROP COLUMN limits; \
         ALTER TABLE api_keys DROP COLUMN last_used_from; \
         DROP TABLE files; DROP INDEX ix_models_base; DROP INDEX usage_being_served; \
         DROP INDEX jobs_waiting; \
         CREATE INDEX ix_jobs_state_priority_id ON jobs (state, priority DESC, id); \
         DELETE FROM seaql_migrations WHERE version <> 'm0001_first';"
        .to_owned();
    for column in [
        "state",
        "format",
        "architecture",
        "base",
        "files",
        "parameters",
        "context_length",
        "job_id",
        "error_code",
        "error_message",
    ] {
        sql.push_str(&format!("ALTER TABLE models DROP COLUMN {column};"));
    }
    if db.file().is_none() {
        sql.push_str("DROP INDEX users_name_begins; DROP INDEX users_email_begins;");
    }
    sql.push_str(
        "ALTER TABLE users DROP COLUMN waits_for; ALTER TABLE users DROP COLUMN deleted_at; \
         ALTER TABLE sessions DROP COLUMN method;",
    );
    db.execute(&sql).await;
}

async fn aged(db: &TestDatabase) -> String {
    let store = db.open().await;
    let (_, project) = TestDatabase::account(&store, "ann").await;
    support::dataset(&store, &project.id, "kept").await;
    store.close().await.expect("closes");
    age(db).await;
    project.id
}

async fn opens_whole(db: &TestDatabase, project: &str) {
    let store = db.open().await;
    let (rows, version) = store
        .read(async |tx| {
            let rows = tx.datasets().list(project, &Page::first(9)).await?;
            tx.fine_tunes().validating(project).await?;
            Ok::<_, StoreError>((rows, tx.version().await?))
        })
        .await
        .expect("reads");
    assert_eq!(rows.len(), 1);
    assert_eq!(version.migrations, 8);
    store.close().await.expect("closes");
}

#[tokio::test]
async fn f30_a_migration_killed_at_any_point_leaves_the_old_schema_or_the_new() {
    on_all_databases(async |db| {
        let project = aged(&db).await;
        let opens = |kill_at: u64| {
            let points = Points::new();
            points.arm(kill_at);
            Helper::new("helper::opens", &db)
                .watched(&points, &db)
                .run();
            points.rest()
        };
        let total = opens(0);
        assert!(total > 20, "{total} points");
        let (mut old, mut new) = (0, 0);
        for kill_at in sample(total) {
            age(&db).await;
            opens(kill_at);
            match db.number(APPLIED).await {
                // Nothing of the new schema is there: reverting it would fail otherwise.
                1 => old += 1,
                8 => new += 1,
                other => panic!("{other} migrations after point {kill_at}"),
            }
            opens_whole(&db, &project).await;
        }
        assert!(old > 5 && new > 0, "{old} {new} of {total}");
    })
    .await;
}

#[tokio::test]
async fn f30_processes_that_migrate_at_once_do_it_once() {
    on_all_databases(async |db| {
        let project = aged(&db).await;
        let helpers = [0; 4].map(|_| Helper::new("helper::opens", &db));
        let children = helpers.map(|mut helper| helper.command.spawn().expect("the helper"));
        for child in children {
            let output = child.wait_with_output().expect("ends");
            assert_eq!(told(&output, "opened"), [""], "{output:?}");
        }
        opens_whole(&db, &project).await;
        if let Some(file) = db.file() {
            // Made by the one that changed the schema, before it did.
            let mut copy = db.clone();
            let path = file.with_file_name("test.db.before-m0008_projects");
            copy.config.url = format!("sqlite://{}", path.display());
            assert_eq!(copy.number(APPLIED).await, 1);
        }
    })
    .await;
}

#[tokio::test]
async fn f30_the_copy_before_a_migration_is_whole_private_and_encrypted_as_the_file_is() {
    on_each_file(async |db| {
        let project = aged(&db).await;
        let file = db.file().expect("a file");
        for old in ["m0000_a", "m0000_b"] {
            let path = file.with_file_name(format!("test.db.before-{old}"));
            std::fs::write(path, "older").expect("written");
        }
        opens_whole(&db, &project).await;
        let folder = std::fs::read_dir(file.parent().expect("a folder")).expect("a folder");
        let mut names: Vec<String> = folder
            .map(|entry| {
                entry
                    .expect("an entry")
                    .file_name()
                    .to_string_lossy()
                    .into_owned()
            })
            .collect();
        names.sort();
        let kept = [
            "test.db",
            "test.db.before-m0000_b",
            "test.db.before-m0008_projects",
        ];
        assert_eq!(names, kept);
        let path = file.with_file_name("test.db.before-m0008_projects");
        let mode = std::fs::metadata(&path)
            .expect("a copy")
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
        let bytes = std::fs::read(&path).expect("a copy");
        assert_eq!(
            bytes.starts_with(b"SQLite format 3"),
            db.config.key.is_none()
        );

        // Restoring is renaming; what is restored is brought up to date as it was.
        std::fs::rename(&path, &file).expect("renamed");
        assert_eq!(db.number(APPLIED).await, 1);
        opens_whole(&db, &project).await;
    })
    .await;
}

#[tokio::test]
async fn f30_a_new_database_and_one_that_is_up_to_date_are_not_copied() {
    on_each_file(async |db| {
        for _ in 0..2 {
            db.open().await.close().await.expect("closes");
        }
        let folder = db.file().expect("a file");
        let folder = std::fs::read_dir(folder.parent().expect("a folder"));
        assert_eq!(folder.expect("a folder").count(), 1);
    })
    .await;
}
