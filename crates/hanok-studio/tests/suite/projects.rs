//! Projects: members come and go, the last owner stays, what is deleted is out of reach and comes back or
//! is erased; service accounts and keys end with what they stand for.

use hanok_domain::limits::KeyLimits;
use hanok_domain::role::{MemberRole, UserRole};
use hanok_store::StoreError;
use hanok_store::rows::audit::{Filter, Part};
use hanok_store::rows::users::NewUser;
use hanok_studio::access::{Approach, Caller};
use hanok_studio::keys::{NewKey, RotateKey};
use hanok_studio::projects::{
    DeleteProject, NewMember, NewRole, NewServiceAccount, NewTeam, ProjectView,
};
use hanok_studio::{PageRequest, upkeep};
use hanok_testkit::on_each_database;

use crate::world::World;

/// A team project of the administrator.
pub async fn team(world: &World) -> ProjectView {
    let new = NewTeam {
        name: "A team".into(),
    };
    let made = world.studio.create_project(&world.caller, new, None).await;
    made.unwrap()
}

/// The administrator in that project.
pub async fn inside(world: &World, project: &str) -> Caller {
    let approach = Approach {
        project: Some(project),
        ..Approach::default()
    };
    world.studio.local_caller_in(&approach).await.unwrap()
}

pub async fn account(world: &World, name: &str) -> String {
    let new = &NewUser {
        name: name.to_owned(),
        email: None,
        role: UserRole::User,
        password_hash: None,
    };
    let made: Result<_, StoreError> = world
        .store
        .write(|tx| async move { tx.users().insert(new).await })
        .await;
    made.unwrap().id
}

pub fn member(user: &str, role: &str) -> NewMember {
    NewMember {
        user: user.to_owned(),
        role: role.to_owned(),
    }
}

fn role(role: &str) -> NewRole {
    NewRole {
        role: role.to_owned(),
    }
}

fn named(name: &str) -> NewKey {
    NewKey {
        name: name.to_owned(),
        ..NewKey::default()
    }
}

/// The codes of what was done in a project, oldest first.
pub async fn deeds(world: &World, project: &str) -> Vec<String> {
    let found: Result<Vec<_>, StoreError> = world
        .store
        .read(|tx| async move {
            let filter = Filter {
                projects: vec![project.to_owned()],
                ..Filter::default()
            };
            let part = Part {
                limit: 100,
                ..Part::default()
            };
            Ok(tx.audit().search(&filter, &part).await?.rows)
        })
        .await;
    let mut found: Vec<String> = found
        .unwrap()
        .into_iter()
        .map(|entry| entry.told.action)
        .collect();
    found.reverse();
    found
}

#[tokio::test]
async fn members_come_change_and_go_and_each_is_in_the_log() {
    on_each_database(|database| async move {
        let world = World::new(&database).await;
        let (studio, admin) = (&world.studio, &world.caller);
        let project = &team(&world).await.id;
        let ann = &account(&world, "ann").await;
        studio
            .add_member(admin, project, member("ann", "viewer"))
            .await
            .unwrap();
        let again = studio
            .add_member(admin, project, member(ann, "editor"))
            .await;
        assert_eq!(again.unwrap_err().code, "already_member");
        let nobody = studio
            .add_member(admin, project, member("nobody", "editor"))
            .await;
        assert_eq!(nobody.unwrap_err().message, "There is no user 'nobody'.");
        let odd = studio
            .add_member(admin, project, member("ann", "superowner"))
            .await;
        assert_eq!(odd.unwrap_err().field.as_deref(), Some("role"));
        let changed = studio
            .change_member(admin, project, ann, role("editor"))
            .await;
        assert_eq!(changed.unwrap().role, "editor");
        assert_eq!(studio.members(admin, project).await.unwrap().len(), 2);
        studio.remove_member(admin, project, "ann").await.unwrap();
        assert_eq!(
            deeds(&world, project).await,
            [
                "project.create",
                "member.add",
                "member.change",
                "member.remove"
            ]
        );
        // One's own project is one's own.
        let own = studio
            .add_member(admin, &admin.project_id, member("ann", "viewer"))
            .await;
        assert_eq!(own.unwrap_err().code, "personal_project");
    })
    .await;
}

#[tokio::test]
async fn b08_of_two_owners_who_leave_at_once_one_stays() {
    on_each_database(|database| async move {
        let world = World::new(&database).await;
        let (studio, admin) = (&world.studio, &world.caller);
        let project = &team(&world).await.id;
        let last = studio.remove_member(admin, project, &admin.user_id).await;
        assert_eq!(last.unwrap_err().code, "last_owner");
        let last = studio
            .change_member(admin, project, &admin.user_id, role("viewer"))
            .await;
        assert_eq!(last.unwrap_err().code, "last_owner");
        for round in 0..5 {
            let name = format!("ann{round}");
            let ann = &account(&world, &name).await;
            studio
                .add_member(admin, project, member(ann, "owner"))
                .await
                .unwrap();
            let (one, other) = tokio::join!(
                studio.remove_member(admin, project, ann),
                studio.change_member(admin, project, &admin.user_id, role("viewer")),
            );
            assert!(one.is_ok() != other.is_ok(), "{one:?} {other:?}");
            let refused = one.err().or(other.err()).unwrap();
            assert_eq!(refused.code, "last_owner");
            let members = studio.members(admin, project).await.unwrap();
            assert!(members.iter().any(|m| m.role == "owner"), "{members:?}");
            // As it was, for the next round.
            studio
                .change_member(admin, project, &admin.user_id, role("owner"))
                .await
                .unwrap();
            if members.len() > 1 {
                studio.remove_member(admin, project, ann).await.unwrap();
            }
        }
    })
    .await;
}

#[tokio::test]
async fn b08_a_name_that_looks_like_an_id_removes_nobody_else() {
    on_each_database(|database| async move {
        let world = World::new(&database).await;
        let (studio, admin) = (&world.studio, &world.caller);
        let project = &team(&world).await.id;
        let ann = &account(&world, "ann").await;
        let eve = &account(&world, ann).await;
        for user in [ann, eve] {
            let added = studio
                .add_member(admin, project, member(user, "viewer"))
                .await;
            added.unwrap();
        }
        let eve = Caller {
            user_id: eve.clone(),
            user_name: ann.clone(),
            user_role: UserRole::User,
            project_role: MemberRole::Viewer,
            ..admin.clone()
        };
        let refused = studio.remove_member(&eve, project, ann).await;
        assert_eq!(refused.unwrap_err().code, "forbidden");
        studio
            .remove_member(&eve, project, &eve.user_id)
            .await
            .unwrap();
        let left = studio.members(admin, project).await.unwrap();
        assert!(left.iter().any(|member| member.id == *ann), "{left:?}");
    })
    .await;
}

#[tokio::test]
async fn b07_a_project_in_the_bin_is_out_of_reach_until_it_is_restored() {
    on_each_database(|database| async move {
        let world = World::new(&database).await;
        let (studio, admin) = (&world.studio, &world.caller);
        let project = &team(&world).await.id;
        let here = &inside(&world, project).await;
        let key = studio.create_key(here, named("ci")).await.unwrap();
        assert!(studio.caller_of_key(&key.key).await.unwrap().is_some());
        let binned = studio
            .delete_project(admin, project, DeleteProject::default())
            .await;
        assert!(binned.unwrap().purge_after.is_some());
        assert!(studio.caller_of_key(&key.key).await.unwrap().is_none());
        let approach = Approach {
            project: Some(project),
            ..Approach::default()
        };
        assert!(studio.local_caller_in(&approach).await.is_err());
        assert!(studio.members(admin, project).await.is_err());
        assert_eq!(studio.projects(admin).await.unwrap().len(), 2);
        studio.collect(upkeep::GRACE).await.unwrap();
        studio.restore_project(admin, project).await.unwrap();
        assert!(studio.caller_of_key(&key.key).await.unwrap().is_some());
        let again = studio.restore_project(admin, project).await;
        assert_eq!(again.unwrap_err().code, "not_in_bin");
    })
    .await;
}

#[tokio::test]
async fn a_deleted_projects_jobs_are_cancelled_and_what_is_erased_is_gone() {
    on_each_database(|database| async move {
        let mut world = World::new(&database).await;
        let project = team(&world).await.id;
        let admin = world.caller.clone();
        world.caller = inside(&world, &project).await;
        let worker = world.worker("wkr_a").await;
        let dataset = world.dataset(&worker).await;
        let run = world.start_run(&dataset.id).await.unwrap();
        let here = world.caller.clone();
        let wrong = DeleteProject {
            now: true,
            name: Some("a team".into()),
        };
        let wrong = world.studio.delete_project(&admin, &project, wrong).await;
        assert_eq!(wrong.unwrap_err().code, "name_mismatch");
        let now = DeleteProject {
            now: true,
            name: Some("A team".into()),
        };
        world
            .studio
            .delete_project(&admin, &project, now)
            .await
            .unwrap();
        let seen = world.studio.run(&here, &run.id).await.unwrap();
        assert_eq!(seen.state, "cancelled");
        assert!(worker.lease().await.is_none());
        assert!(!world.objects().stored(&project).unwrap().is_empty());
        world.studio.collect(upkeep::GRACE).await.unwrap();
        assert!(world.objects().stored(&project).unwrap().is_empty());
        let gone = world.studio.project(&admin, &project).await;
        assert_eq!(gone.unwrap_err().code, "not_found");
        let runs = world
            .studio
            .runs(&here, PageRequest::first(9))
            .await
            .unwrap();
        assert!(runs.items.is_empty());
        if database.file().is_some() {
            let sql = "SELECT count(*) FROM sqlite_master m JOIN pragma_table_info(m.name) c \
                       ON c.name = 'project_id' WHERE m.type = 'table'";
            // Seventeen that are emptied, the log, and the sessions that are in it. Is there another?
            assert_eq!(
                database.number(sql).await,
                19,
                "see OWNED in rows/projects/end.rs"
            );
        }
        // What was done stays in the log.
        assert!(
            deeds(&world, &project)
                .await
                .contains(&"project.erase".to_owned())
        );
    })
    .await;
}

#[tokio::test]
async fn service_accounts_come_by_key_and_end_with_it() {
    on_each_database(|database| async move {
        let world = World::new(&database).await;
        let (studio, admin) = (&world.studio, &world.caller);
        let project = &team(&world).await.id;
        let new = || NewServiceAccount {
            name: "ci".into(),
            role: Some("viewer".into()),
        };
        let made = studio
            .create_service_account(admin, project, new())
            .await
            .unwrap();
        let twice = studio.create_service_account(admin, project, new()).await;
        assert_eq!(twice.unwrap_err().code, "name_taken");
        let caller = studio
            .caller_of_key(&made.api_key.key)
            .await
            .unwrap()
            .unwrap();
        assert_eq!(caller.user_role, UserRole::Service);
        assert_eq!(
            (&caller.project_id, caller.project_role.clone()),
            (project, MemberRole::Viewer)
        );
        // It is no person: not listed, not added elsewhere.
        assert_eq!(studio.members(admin, project).await.unwrap().len(), 1);
        let other = &team(&world).await.id;
        let borrowed = studio
            .add_member(admin, other, member(&made.account.id, "viewer"))
            .await;
        assert_eq!(borrowed.unwrap_err().code, "not_found");
        let here = &inside(&world, project).await;
        let second = NewKey {
            service_account: Some(made.account.id.clone()),
            ..named("second")
        };
        let second = studio.create_key(here, second).await.unwrap();
        studio
            .delete_service_account(admin, project, &made.account.id)
            .await
            .unwrap();
        for key in [&made.api_key.key, &second.key] {
            assert!(studio.caller_of_key(key).await.unwrap().is_none());
        }
    })
    .await;
}

#[tokio::test]
async fn b11_a_keys_limits_go_with_it_and_with_its_successor() {
    on_each_database(|database| async move {
        let world = World::new(&database).await;
        let (studio, admin) = (&world.studio, &world.caller);
        let limits = KeyLimits {
            tokens_per_day: Some(1000),
            ..KeyLimits::default()
        };
        let new = NewKey {
            limits,
            scopes: vec!["read-only".into()],
            ..named("bounded")
        };
        let old = studio.create_key(admin, new).await.unwrap();
        let approach = Approach {
            address: "192.0.2.7",
            ..Approach::default()
        };
        let caller = studio
            .key_caller(&old.key, &approach)
            .await
            .unwrap()
            .unwrap();
        assert_eq!(caller.limits, limits);
        let seen = studio.keys(admin, PageRequest::first(9)).await.unwrap();
        assert_eq!(seen.items[0].last_used_from.as_deref(), Some("192.0.2.7"));
        let long = RotateKey { grace_hours: 169 };
        let long = studio.rotate_key(admin, &old.id, long).await;
        assert_eq!(long.unwrap_err().field.as_deref(), Some("grace_hours"));
        let grace = RotateKey { grace_hours: 1 };
        let next = studio.rotate_key(admin, &old.id, grace).await.unwrap();
        assert_eq!((next.limits, &next.scopes), (limits, &old.scopes));
        for key in [&old.key, &next.key] {
            assert!(studio.caller_of_key(key).await.unwrap().is_some());
        }
        let last = studio
            .rotate_key(admin, &next.id, RotateKey::default())
            .await
            .unwrap();
        assert!(studio.caller_of_key(&next.key).await.unwrap().is_none());
        assert!(studio.caller_of_key(&last.key).await.unwrap().is_some());
        let seen = studio.keys(admin, PageRequest::first(9)).await.unwrap();
        let old = seen.items.iter().find(|key| key.id == old.id).unwrap();
        assert!(old.expires_at.is_some() && old.revoked_at.is_none());
    })
    .await;
}
