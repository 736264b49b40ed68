//! The audit log: rows in the transactions of what they tell of, the chain over them, and
//! what fails with them.

use std::sync::Arc;

use hanok_domain::fault::FaultKind;
use hanok_studio::audit::{AuditReport, HeadKey, Heads};
use hanok_studio::keys::NewKey;
use hanok_testkit::{TestDatabase, on_all_databases, on_each_database};

use crate::world::World;

fn heads(world: &World, master: u8) -> Heads {
    let path = world.data().join("audit").join("heads.jsonl");
    Heads::new(HeadKey::new([master; 32], Vec::new()), path)
}

pub async fn keyed(world: &World, count: usize) {
    for number in 0..count {
        let new = NewKey {
            name: format!("key {number}"),
            ..NewKey::default()
        };
        world.studio.create_key(&world.caller, new).await.unwrap();
    }
}

/// A world whose log has at least ten rows, sealed in two batches.
async fn sealed(database: &TestDatabase) -> World {
    let world = World::new(database).await;
    world.studio.keep_audit_heads(heads(&world, 7));
    keyed(&world, 5).await;
    assert!(world.studio.seal_audit().await.unwrap() >= 6);
    keyed(&world, 5).await;
    assert_eq!(world.studio.seal_audit().await.unwrap(), 5);
    world
}

async fn verified(world: &World) -> AuditReport {
    let told = &mut |_, _| {};
    world.studio.verify_audit(None, told).await.unwrap()
}

/// Damages the log behind the program's back, and says what is found first.
async fn found(database: &TestDatabase, sql: &str) -> (String, i64, AuditReport) {
    let world = sealed(database).await;
    let report = verified(&world).await;
    assert!(report.clean, "{report:?}");
    database.execute(sql).await;
    let report = verified(&world).await;
    let first = report
        .findings
        .first()
        .unwrap_or_else(|| panic!("{sql}: nothing found"));
    let (code, seq) = (first.code.clone(), first.seq);
    // A server that starts on it says so where the end is concerned; each starts all the same.
    world.studio.check_audit_head().await.unwrap();
    world.studio.close().await.unwrap();
    (code, seq, report)
}

#[tokio::test]
async fn f100_a_whole_chain_holds_and_says_what_is_sealed() {
    on_all_databases(|db| async move {
        let world = sealed(&db).await;
        keyed(&world, 2).await;
        let report = verified(&world).await;
        assert!(report.clean, "{report:?}");
        assert_eq!((report.unsealed, report.gaps, report.heads), (2, 0, 2));
        assert_eq!(report.checked, report.sealed);
        assert_eq!(report.head, Some(report.sealed));
        assert_eq!(report.kept, report.head);
        world.studio.check_audit_head().await.unwrap();
        assert_eq!(world.studio.audit_figures().trouble, None);
    })
    .await;
}

#[tokio::test]
async fn f100_g03_an_altered_row_is_named() {
    for sql in [
        "UPDATE audit SET actor_name = 'nobody' WHERE seq = 4",
        "UPDATE audit SET detail = '{}' WHERE seq = 4",
        "UPDATE audit SET object_id = NULL WHERE seq = 4",
        "UPDATE audit SET at = at + 1 WHERE seq = 4",
        "UPDATE audit SET hash = replace(hash, substr(hash, 1, 8), '00000000') WHERE seq = 4",
    ] {
        on_all_databases(|db| async move {
            let (code, seq, _) = found(&db, sql).await;
            assert_eq!((code.as_str(), seq), ("altered", 4), "{sql}");
        })
        .await;
    }
}

#[tokio::test]
async fn f100_g03_a_removed_row_is_named_also_when_the_others_close_up() {
    on_all_databases(|db| async move {
        let (code, seq, report) = found(&db, "DELETE FROM audit WHERE seq IN (4, 5)").await;
        assert_eq!((code.as_str(), seq, report.gaps), ("removed", 4, 2));
    })
    .await;
    on_all_databases(|db| async move {
        let sql = "DELETE FROM audit WHERE seq = 4; \
                   UPDATE audit SET seq = seq + 1000 WHERE seq > 4; \
                   UPDATE audit SET seq = seq - 1001 WHERE seq > 1000";
        let (code, seq, _) = found(&db, sql).await;
        assert_eq!((code.as_str(), seq), ("removed", 4));
    })
    .await;
}

#[tokio::test]
async fn f100_g03_rows_that_changed_places_are_named() {
    for (a, b) in [(4, 5), (4, 9)] {
        on_all_databases(|db| async move {
            let sql = format!(
                "UPDATE audit SET seq = 1000 WHERE seq = {a}; \
                 UPDATE audit SET seq = {a} WHERE seq = {b}; \
                 UPDATE audit SET seq = {b} WHERE seq = 1000"
            );
            let (code, seq, report) = found(&db, &sql).await;
            assert_eq!((code.as_str(), seq), ("reordered", 4), "{report:?}");
        })
        .await;
    }
}

#[tokio::test]
async fn f100_g03_an_inserted_row_with_a_forged_link_is_named() {
    let row = "'aud_x', at, project_id, actor, actor_id, 'mallory', credential_id, action, \
               object_kind, object_id, outcome, address, user_agent, request_id, detail";
    on_all_databases(|db| async move {
        let sql = format!(
            "UPDATE audit SET seq = seq + 1000 WHERE seq >= 4; \
             UPDATE audit SET seq = seq - 999 WHERE seq > 1000; \
             INSERT INTO audit SELECT {row}, 4, hash FROM audit WHERE seq = 3"
        );
        let (code, seq, report) = found(&db, &sql).await;
        assert_eq!((code.as_str(), seq), ("inserted", 4), "{report:?}");
    })
    .await;
    on_all_databases(|db| async move {
        let sql = format!(
            "INSERT INTO audit SELECT {row}, seq + 1, hash FROM audit \
             WHERE seq = (SELECT max(seq) FROM audit)"
        );
        let (code, seq, report) = found(&db, &sql).await;
        // Its link does not fit, and no head was signed for it.
        assert!(
            ["altered", "inserted"].contains(&code.as_str()),
            "{report:?}"
        );
        assert_eq!(seq, report.head.unwrap() + 1);
    })
    .await;
}

#[tokio::test]
async fn f100_g03_a_missing_end_is_found_by_the_head_in_the_database_and_by_the_one_kept_elsewhere()
{
    on_all_databases(|db| async move {
        let sql = "DELETE FROM audit WHERE seq > 8";
        let (code, seq, report) = found(&db, sql).await;
        assert_eq!((code.as_str(), seq), ("removed", 9), "{report:?}");
    })
    .await;
    on_all_databases(|db| async move {
        let world = sealed(&db).await;
        let early = world.studio.audit_head().await.unwrap().unwrap();
        keyed(&world, 3).await;
        world.studio.seal_audit().await.unwrap();
        // The database as it was before: everything in it fits.
        let sql = format!(
            "DELETE FROM audit WHERE seq > {seq} OR seq IS NULL; \
             UPDATE audit_head SET seq = {seq}, hash = '{}', at = {}, signature = '{}'",
            early.hash,
            early.at,
            early.signature,
            seq = early.seq,
        );
        db.execute(&sql).await;
        let report = verified(&world).await;
        let first = &report.findings[0];
        assert_eq!((first.code.as_str(), first.seq), ("removed", early.seq + 1));
        world.studio.check_audit_head().await.unwrap();
        let trouble = world.studio.audit_figures().trouble.unwrap();
        assert!(trouble.contains("behind the kept head"), "{trouble}");
        let services = world.studio.probe(std::time::Duration::from_secs(5)).await;
        let audit = services.iter().find(|s| s.name == "audit").unwrap();
        assert!(!audit.up && audit.optional);
    })
    .await;
}

#[tokio::test]
async fn f100_g03_a_forged_head_is_found() {
    on_all_databases(|db| async move {
        let sql =
            "UPDATE audit_head SET signature = replace(signature, substr(signature, 1, 4), '0000')";
        let (code, _, _) = found(&db, sql).await;
        assert_eq!(code, "head_signature");
    })
    .await;
    on_all_databases(|db| async move {
        let (code, _, _) = found(&db, "DELETE FROM audit_head").await;
        assert_eq!(code, "head_missing");
    })
    .await;
    // Signed again by somebody with another key.
    on_all_databases(|db| async move {
        let world = sealed(&db).await;
        let head = world.studio.audit_head().await.unwrap().unwrap();
        let other = HeadKey::new([8; 32], Vec::new()).sign(head.seq, &head.hash, head.at);
        let sql = format!("UPDATE audit_head SET signature = '{}'", other.signature);
        db.execute(&sql).await;
        let report = verified(&world).await;
        assert_eq!(report.findings[0].code, "head_signature");
        world.studio.check_audit_head().await.unwrap();
        assert!(world.studio.audit_figures().trouble.is_some());
    })
    .await;
}

#[tokio::test]
async fn f100_a_chain_that_was_made_anew_is_not_the_one_that_was_signed() {
    on_all_databases(|db| async move {
        let world = sealed(&db).await;
        // All rows are sealed again, by whoever has the database and no key.
        let sql = "UPDATE audit SET actor_name = 'eve' WHERE seq = 2; \
                   UPDATE audit SET seq = NULL, hash = NULL; DELETE FROM audit_head";
        db.execute(sql).await;
        let forger = World::over(&db, world.data()).await;
        let path = world.data().join("elsewhere");
        forger.keep_audit_heads(Heads::new(HeadKey::new([9; 32], Vec::new()), path));
        forger.seal_audit().await.unwrap();
        let report = verified(&world).await;
        let codes: Vec<&str> = report.findings.iter().map(|f| f.code.as_str()).collect();
        assert!(codes.contains(&"rewritten"), "{report:?}");
        assert!(codes.contains(&"head_signature"), "{report:?}");
    })
    .await;
}

#[tokio::test]
async fn f100_two_sealers_at_once_make_one_chain() {
    on_all_databases(|db| async move {
        let world = Arc::new(World::new(&db).await);
        world.studio.keep_audit_heads(heads(&world, 7));
        // Another server of the same database, which keeps its heads somewhere else.
        let second = World::over(&db, world.data()).await;
        let path = world.data().join("second.jsonl");
        second.keep_audit_heads(Heads::new(HeadKey::new([7; 32], Vec::new()), path));
        let writing = world.clone();
        let writer = tokio::spawn(async move { keyed(&writing, 40).await });
        let mut rounds = 0;
        while !writer.is_finished() || rounds < 3 {
            let (a, b) = tokio::join!(world.studio.seal_audit(), second.seal_audit());
            // Whoever comes too late says so, and tries again.
            for sealed in [a, b] {
                assert!(sealed.is_ok() || sealed.unwrap_err().kind == FaultKind::Conflict);
            }
            if writer.is_finished() {
                rounds += 1;
            }
        }
        writer.await.unwrap();
        let report = verified(&world).await;
        assert!(report.clean, "{report:?}");
        assert_eq!(report.unsealed, 0);
        assert!(report.sealed >= 41);
    })
    .await;
}

#[tokio::test]
async fn f100_a_sealer_that_died_before_it_kept_the_head_is_made_up_for() {
    on_all_databases(|db| async move {
        let world = sealed(&db).await;
        let file = heads(&world, 7);
        let text = std::fs::read_to_string(file.path()).unwrap();
        let first = text.lines().next().unwrap();
        // Killed between the batch and its line, and while it wrote the line.
        for left in [format!("{first}\n"), format!("{first}\n{{\"seq\":11,\"ha")] {
            std::fs::write(file.path(), left).unwrap();
            let next = World::over(&db, world.data()).await;
            next.keep_audit_heads(file.clone());
            next.check_audit_head().await.unwrap();
            assert_eq!(next.audit_figures().trouble, None);
            let kept = file.read().unwrap().heads;
            let head = next.audit_head().await.unwrap().unwrap();
            assert_eq!(kept.last(), Some(&head));
        }
        assert!(verified(&world).await.clean);
    })
    .await;
}

#[tokio::test]
async fn f100_a_row_that_is_committed_late_is_sealed_late_and_leaves_no_gap() {
    on_each_database(|db| async move {
        // SQLite has one writer: there is nothing late.
        if !db.is_postgres() {
            return;
        }
        let world = World::new(&db).await;
        world.studio.keep_audit_heads(heads(&world, 7));
        let (go, wait) = tokio::sync::oneshot::channel::<()>();
        let (said, written) = tokio::sync::oneshot::channel::<()>();
        let (store, caller) = (world.store.clone(), world.caller.clone());
        let cell = std::sync::Mutex::new(Some((wait, said)));
        let late = tokio::spawn(async move {
            store
                .write(async |tx| {
                    let deed = hanok_studio::audit::Deed::failed("audit.verify");
                    hanok_studio::audit::record(&tx, &caller, deed).await?;
                    let taken = cell.lock().unwrap().take();
                    if let Some((wait, said)) = taken {
                        said.send(()).unwrap();
                        wait.await.unwrap();
                    }
                    Ok::<_, hanok_store::StoreError>(())
                })
                .await
        });
        written.await.unwrap();
        keyed(&world, 3).await;
        let before = world.studio.seal_audit().await.unwrap();
        assert!(before >= 3);
        go.send(()).unwrap();
        late.await.unwrap().unwrap();
        assert_eq!(world.studio.seal_audit().await.unwrap(), 1);
        let report = verified(&world).await;
        assert!(report.clean && report.gaps == 0, "{report:?}");
    })
    .await;
}

#[tokio::test]
async fn f100_nothing_is_done_whose_row_cannot_be_written() {
    on_all_databases(|db| async move {
        let world = World::new(&db).await;
        let file = world.file("a.txt", "user_data", "x").await.unwrap();
        let new = |name: &str| NewKey {
            name: name.into(),
            ..NewKey::default()
        };
        db.execute("ALTER TABLE audit RENAME TO audit_away").await;
        let (studio, caller) = (&world.studio, &world.caller);
        assert!(studio.create_key(caller, new("lost")).await.is_err());
        assert!(studio.delete_file(caller, &file.id).await.is_err());
        assert!(studio.file_content(caller, &file.id).await.is_err());
        assert!(world.upload(None).await.is_err());
        assert!(studio.issue_sign_in_secret().await.is_err());
        // What only reads goes on.
        assert!(studio.file(caller, &file.id).await.is_ok());
        db.execute("ALTER TABLE audit_away RENAME TO audit").await;
        let page = hanok_studio::PageRequest::default();
        assert!(studio.keys(caller, page).await.unwrap().items.is_empty());
        assert!(studio.file(caller, &file.id).await.is_ok());
        let page = hanok_studio::PageRequest::default();
        assert!(
            studio
                .datasets(caller, page)
                .await
                .unwrap()
                .items
                .is_empty()
        );
        studio.create_key(caller, new("kept")).await.unwrap();
    })
    .await;
}
