//! Looking at the audit log: what is told in it and how often, filters, parts, exports, and who may look.

use hanok_domain::fault::FaultKind;
use hanok_domain::role::{MemberRole, UserRole};
use hanok_studio::access::{Caller, Credential};
use hanok_studio::audit::{AuditFormat, AuditPart, AuditQuery, Denial};
use hanok_studio::keys::NewKey;
use hanok_testkit::on_each_database;

use crate::audit::keyed;
use crate::world::World;

fn of_key(caller: &Caller, id: &str, address: &str) -> Caller {
    let mut caller = caller.clone();
    caller.credential = Credential::Key { id: id.into() };
    caller.origin.address = address.into();
    caller
}

async fn rows(world: &World, caller: &Caller, change: impl FnOnce(&mut AuditQuery)) -> Vec<String> {
    let mut query = AuditQuery::default();
    change(&mut query);
    let part = AuditPart {
        limit: Some(100),
        ..AuditPart::default()
    };
    let page = world.studio.audit_log(caller, &query, &part).await.unwrap();
    page.rows.into_iter().map(|row| row.action).collect()
}

#[tokio::test]
async fn g02_a_key_is_told_once_a_day_and_address_and_denials_are_counted() {
    on_each_database(|db| async move {
        let world = World::new(&db).await;
        let studio = &world.studio;
        for _ in 0..5 {
            studio
                .note_key_use(&of_key(&world.caller, "key_a", "10.0.0.1"))
                .await;
        }
        studio
            .note_key_use(&of_key(&world.caller, "key_a", "10.0.0.2"))
            .await;
        studio
            .note_key_use(&of_key(&world.caller, "key_b", "10.0.0.1"))
            .await;
        studio.note_key_use(&world.caller).await;
        // After a restart nothing is told twice.
        let next = World::over(&db, world.data()).await;
        next.note_key_use(&of_key(&world.caller, "key_a", "10.0.0.2"))
            .await;
        let uses = rows(&world, &world.caller, |q| q.action = "key.use".into()).await;
        assert_eq!(uses.len(), 3);

        for _ in 0..1000 {
            studio.note_denial(Denial {
                origin: world.caller.origin.clone(),
                caller: Some(world.caller.clone()),
                credential: None,
                route: "DELETE /api/v1/keys/{id}".into(),
                code: "forbidden".into(),
            });
        }
        assert_eq!(studio.write_denials().await.unwrap(), 1);
        assert_eq!(studio.write_denials().await.unwrap(), 0);
        let query = AuditQuery {
            outcome: "denied".into(),
            ..AuditQuery::default()
        };
        let part = AuditPart::default();
        let page = studio
            .audit_log(&world.caller, &query, &part)
            .await
            .unwrap();
        assert_eq!(page.rows.len(), 1);
        assert_eq!(page.rows[0].detail["requests"], 1000);
        assert_eq!(page.rows[0].actor_id.as_ref(), Some(&world.caller.user_id));
    })
    .await;
}

#[tokio::test]
async fn filters_fit_together_and_parts_follow_each_other() {
    on_each_database(|db| async move {
        let world = World::new(&db).await;
        keyed(&world, 7).await;
        let file = world.file("100%_a.txt", "user_data", "x").await.unwrap();
        let admin = &world.caller;
        let keys = rows(&world, admin, |q| q.action = "key.create".into()).await;
        assert_eq!(keys.len(), 7);
        let both = "key.create,file.create";
        let both = rows(&world, admin, |q| q.action = both.into()).await;
        assert_eq!(both.len(), 8);
        let by_name = rows(&world, admin, |q| {
            q.action = "key.create".into();
            q.actor = admin.user_name.clone();
        });
        assert_eq!(by_name.await.len(), 7);
        let nobody = rows(&world, admin, |q| q.actor = "user_none".into()).await;
        assert!(nobody.is_empty());
        let object = rows(&world, admin, |q| q.object = file.id.clone()).await;
        assert_eq!(object, ["file.create"]);
        // The text is no pattern, and its case does not matter.
        for (text, found) in [
            ("100%_A", 1),
            ("100__", 0),
            ("KEY 3", 1),
            ("\\", 0),
            ("'", 0),
        ] {
            let all = rows(&world, admin, |q| q.text = text.into()).await;
            assert_eq!(all.len(), found, "{text}");
        }
        let today = jiff::Timestamp::now().to_string();
        let before = rows(&world, admin, |q| q.until = "2020-01-01".into()).await;
        assert!(before.is_empty());
        let since = rows(&world, admin, |q| q.since = today.clone()).await;
        assert!(since.is_empty());
        let until = rows(&world, admin, |q| {
            q.until = today;
            q.action = "key.create".into();
        });
        assert_eq!(until.await.len(), 7);

        let query = AuditQuery {
            action: "key.create".into(),
            ..AuditQuery::default()
        };
        let (mut seen, mut part) = (Vec::new(), AuditPart::default());
        part.limit = Some(3);
        loop {
            let page = world.studio.audit_log(admin, &query, &part).await.unwrap();
            seen.extend(page.rows.iter().map(|row| row.id.clone()));
            part.after = page.last_id;
            if !page.has_more {
                break;
            }
        }
        assert_eq!(seen.len(), 7);
        assert!(seen.windows(2).all(|pair| pair[0] > pair[1]));
        // And back: those next to it.
        let back = AuditPart {
            before: Some(seen[5].clone()),
            limit: Some(2),
            ..AuditPart::default()
        };
        let page = world.studio.audit_log(admin, &query, &back).await.unwrap();
        let ids: Vec<String> = page.rows.into_iter().map(|row| row.id).collect();
        assert_eq!(ids, seen[3..5]);
        assert!(page.has_more);
    })
    .await;
}

#[tokio::test]
async fn b02_an_owner_sees_what_happened_in_their_project_and_nothing_else() {
    on_each_database(|db| async move {
        let world = World::new(&db).await;
        keyed(&world, 2).await;
        let stranger = world.stranger().await;
        let new = NewKey {
            name: "theirs".into(),
            ..NewKey::default()
        };
        world.studio.create_key(&stranger, new).await.unwrap();
        assert_eq!(rows(&world, &stranger, |_| {}).await, ["key.create"]);
        // Looking is told too.
        assert_eq!(
            rows(&world, &stranger, |_| {}).await,
            ["audit.view", "key.create"]
        );
        let all = rows(&world, &world.caller, |q| q.action = "key.create".into()).await;
        assert_eq!(all.len(), 3);

        let other = AuditQuery {
            project: world.caller.project_id.clone(),
            ..AuditQuery::default()
        };
        let part = AuditPart::default();
        let (studio, who) = (&world.studio, &stranger);
        let refused = studio.audit_log(who, &other, &part).await.unwrap_err();
        assert_eq!(refused.kind, FaultKind::NotFound);
        let refused = studio.export_audit(who, other, AuditFormat::Csv).await;
        assert_eq!(refused.err().unwrap().kind, FaultKind::NotFound);
        for role in [MemberRole::Viewer, MemberRole::Editor] {
            let mut viewer = stranger.clone();
            viewer.project_role = role;
            assert_ne!(viewer.user_role, UserRole::Admin);
            let query = AuditQuery::default();
            let refused = studio.audit_log(&viewer, &query, &part).await.unwrap_err();
            assert_eq!(refused.kind, FaultKind::Forbidden);
        }
    })
    .await;
}

#[tokio::test]
async fn an_export_is_whole_safe_and_told() {
    on_each_database(|db| async move {
        let world = World::new(&db).await;
        keyed(&world, 5).await;
        let mut caller = world.caller.clone();
        caller.origin.user_agent = "=HYPERLINK(\"http://evil\")".into();
        let new = NewKey {
            name: "x".into(),
            ..NewKey::default()
        };
        world.studio.create_key(&caller, new).await.unwrap();
        for (format, lines) in [(AuditFormat::Csv, 7), (AuditFormat::Jsonl, 6)] {
            let query = AuditQuery {
                action: "key.create".into(),
                ..AuditQuery::default()
            };
            let mut export = world
                .studio
                .export_audit(&caller, query, format)
                .await
                .unwrap();
            let mut text = String::new();
            while let Some(piece) = export.next().await.unwrap() {
                text.push_str(&piece);
            }
            assert_eq!(text.lines().count(), lines, "{text}");
            if format == AuditFormat::Csv {
                assert!(text.contains("\"'=HYPERLINK"), "{text}");
                assert!(!text.contains(",=") && !text.contains(",\"="));
            }
        }
        let told = rows(&world, &world.caller, |q| q.action = "audit.export".into()).await;
        assert_eq!(told.len(), 2);
    })
    .await;
}
