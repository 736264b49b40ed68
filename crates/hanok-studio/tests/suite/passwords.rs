//! Passwords, locks, sessions and what administrators do, on every database.

use hanok_domain::fault::{Fault, FaultKind};
use hanok_studio::access::{Caller, Origin};
use hanok_studio::accounts::{ChangePassword, CreateUser, SignIn, UpdateUser};
use hanok_testkit::{TestDatabase, on_each_database};

use crate::world::World;

pub const PASSWORD: &str = "correct horse battery staple";

pub fn from(address: &str) -> Origin {
    Origin {
        address: address.to_owned(),
        ..Origin::default()
    }
}

pub fn sign_in(name: &str, password: &str) -> SignIn {
    SignIn {
        name: name.to_owned(),
        password: password.to_owned(),
        code: None,
    }
}

pub async fn person(world: &World, name: &str) -> String {
    let new = CreateUser {
        name: name.to_owned(),
        email: Some(format!("{name}@example.org")),
        password: Some(PASSWORD.to_owned()),
        ..CreateUser::default()
    };
    let (user, link) = world.studio.create_user(&world.caller, &new).await.unwrap();
    assert!(link.is_none());
    user.id
}

async fn caller(world: &World, name: &str) -> (String, Caller) {
    let token = world
        .studio
        .sign_in_with_password(&sign_in(name, PASSWORD), &from("10.0.0.9"))
        .await
        .unwrap();
    let caller = world
        .studio
        .caller_of_session(&token)
        .await
        .unwrap()
        .expect("a session");
    (token, caller)
}

fn code(outcome: Result<impl Sized, Fault>) -> String {
    outcome
        .err()
        .map(|fault| fault.code.into_owned())
        .unwrap_or_default()
}

#[tokio::test]
async fn a20_ten_wrong_passwords_lock_an_account_on_every_path_and_after_a_restart() {
    on_each_database(|database| async move {
        let world = World::new(&database).await;
        person(&world, "ann").await;
        let studio = &world.studio;
        let (_, ann) = caller(&world, "ann").await;
        for n in 0..10 {
            // Each from elsewhere, by name, by address, and through the change of the password.
            let from = from(&format!("10.0.0.{n}"));
            let failed = match n % 3 {
                0 => code(studio.authenticate(&sign_in("ANN ", "wrong"), &from).await),
                1 => code(studio.authenticate(&sign_in("ann@example.org", "wrong"), &from).await),
                _ => {
                    let change = ChangePassword {
                        current: "wrong".into(),
                        password: "another long passphrase".into(),
                    };
                    code(studio.change_password(&ann, &change).await)
                }
            };
            assert!(["sign_in_failed", "wrong_password"].contains(&failed.as_str()), "{n} {failed}");
        }
        let refused = studio.authenticate(&sign_in("ann", PASSWORD), &from("10.9.9.9")).await.unwrap_err();
        assert_eq!((refused.kind, refused.code.as_ref()), (FaultKind::Limited, "locked_out"));
        let wait = refused.retry_after.expect("a time to wait").get();
        assert!((800..=901).contains(&wait), "{wait}");

        let again = World::reopened(&database).await;
        let refused = again.studio.authenticate(&sign_in("ann", PASSWORD), &from("10.9.9.9")).await;
        assert_eq!(code(refused), "locked_out", "after a restart");

        // The lock ends; the next one is longer.
        let past = "UPDATE sign_in_failures SET locked_until = locked_until - 901000000, began_at = began_at - 901000000";
        database.execute(past).await;
        studio.authenticate(&sign_in("ann", PASSWORD), &from("10.9.9.9")).await.unwrap();
        for _ in 0..10 {
            let _ = studio.authenticate(&sign_in("ann", "wrong"), &from("10.9.9.9")).await;
        }
        let refused = studio.authenticate(&sign_in("ann", PASSWORD), &from("10.9.9.9")).await.unwrap_err();
        assert!(refused.retry_after.is_some_and(|wait| wait.get() > 1700), "{refused:?}");
        let enable = UpdateUser {
            disabled: Some(false),
            ..UpdateUser::default()
        };
        studio.update_user(&world.caller, "ann", &enable).await.unwrap();
        studio.authenticate(&sign_in("ann", PASSWORD), &from("10.9.9.9")).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a20_a_hundred_failures_lock_an_address_for_names_and_secrets() {
    on_each_database(|database| async move {
        let world = World::new(&database).await;
        person(&world, "ann").await;
        let studio = &world.studio;
        for n in 0..100 {
            let failed = match n % 2 {
                0 => code(
                    studio
                        .authenticate(&sign_in(&format!("nobody{n}"), "wrong"), &from("10.1.1.1"))
                        .await,
                ),
                _ => code(studio.sign_in("once_nothing", &from("10.1.1.1")).await),
            };
            assert_eq!(failed, "sign_in_failed", "{n}");
        }
        let secret = studio.issue_sign_in_secret().await.unwrap();
        let right = sign_in("ann", PASSWORD);
        assert_eq!(
            code(studio.authenticate(&right, &from("10.1.1.1")).await),
            "locked_out"
        );
        assert_eq!(
            code(studio.sign_in(&secret, &from("10.1.1.1")).await),
            "locked_out"
        );
        studio
            .authenticate(&right, &from("10.1.1.2"))
            .await
            .unwrap();
        studio.sign_in(&secret, &from("10.1.1.2")).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a21_who_is_not_there_costs_a_hash_and_is_refused_and_locked_alike() {
    on_each_database(|database| async move {
        let world = World::new(&database).await;
        person(&world, "ann").await;
        let studio = &world.studio;
        let mut told = Vec::new();
        for name in ["ann", "nobody", "nobody@example.org"] {
            let mut answers = Vec::new();
            let before = studio.passwords().ran();
            for _ in 0..11 {
                let fault = studio
                    .authenticate(&sign_in(name, "wrong"), &from(""))
                    .await
                    .unwrap_err();
                answers.push((fault.kind, fault.code, fault.message));
            }
            told.push((answers, studio.passwords().ran() - before));
        }
        assert_eq!(told[0], told[1]);
        assert_eq!(told[0], told[2]);
        assert_eq!(told[0].1, 10, "a hash for each try, and none once locked");
    })
    .await;
}

#[tokio::test]
async fn a15_whatever_ends_an_account_ends_its_sessions() {
    on_each_database(|database| async move {
        let world = World::new(&database).await;
        let studio = &world.studio;
        for cause in [
            "sign_out", "password", "role", "disable", "delete", "kill", "reset",
        ] {
            let name = format!("p{}", cause.replace('_', ""));
            let id = person(&world, &name).await;
            let (token, me) = caller(&world, &name).await;
            let (other, _) = caller(&world, &name).await;
            end(&world, cause, &id, &token, &me).await;
            assert!(
                studio.caller_of_session(&token).await.unwrap().is_none(),
                "{cause}"
            );
            assert!(!studio.still_holds(&me).await.unwrap(), "{cause}");
            let others = studio.caller_of_session(&other).await.unwrap();
            assert_eq!(others.is_none(), cause != "sign_out", "{cause}");
        }
    })
    .await;
}

async fn end(world: &World, cause: &str, id: &str, token: &str, me: &Caller) {
    let studio = &world.studio;
    let update = |change: UpdateUser| async move {
        studio
            .update_user(&world.caller, id, &change)
            .await
            .unwrap()
    };
    match cause {
        "sign_out" => studio.sign_out(token, &Origin::default()).await.unwrap(),
        "password" => {
            let change = ChangePassword {
                current: PASSWORD.into(),
                password: "another long passphrase".into(),
            };
            let fresh = studio
                .change_password(me, &change)
                .await
                .unwrap()
                .expect("a new token");
            assert_ne!(fresh, token, "a14: a new id");
            assert!(studio.caller_of_session(&fresh).await.unwrap().is_some());
        }
        "role" => {
            update(UpdateUser {
                role: Some("admin".into()),
                ..UpdateUser::default()
            })
            .await;
        }
        "disable" => {
            update(UpdateUser {
                disabled: Some(true),
                ..UpdateUser::default()
            })
            .await;
        }
        "delete" => drop(studio.delete_user(&world.caller, id).await.unwrap()),
        "kill" => assert_eq!(studio.end_sessions_of(&world.caller, id).await.unwrap(), 2),
        _ => {
            let link = studio.issue_reset(&world.caller, id).await.unwrap();
            studio
                .reset_password(&link, "another long passphrase", &Origin::default())
                .await
                .unwrap();
            let again = studio
                .reset_password(&link, "yet another passphrase", &Origin::default())
                .await;
            assert_eq!(code(again), "link_invalid", "once");
        }
    }
}

#[tokio::test]
async fn a16_sessions_end_idle_and_in_any_case_and_use_does_not_prolong_them() {
    on_each_database(|database| async move {
        let world = World::new(&database).await;
        person(&world, "ann").await;
        let studio = &world.studio;
        let (token, me) = caller(&world, "ann").await;
        let minutes = |n: i64| n * 60_000_000;
        let back = |column: &'static str, by: i64| {
            format!("UPDATE sessions SET {column} = {column} - {by}")
        };
        database.execute(&back("last_seen_at", minutes(29))).await;
        assert!(
            studio.caller_of_session(&token).await.unwrap().is_some(),
            "29 min idle"
        );
        // That use was noted: another 29 minutes are not an hour.
        database.execute(&back("last_seen_at", minutes(29))).await;
        assert!(
            studio.caller_of_session(&token).await.unwrap().is_some(),
            "used meanwhile"
        );
        database.execute(&back("last_seen_at", minutes(31))).await;
        assert!(
            studio.caller_of_session(&token).await.unwrap().is_none(),
            "31 min idle"
        );
        assert!(!studio.still_holds(&me).await.unwrap());

        let (token, me) = caller(&world, "ann").await;
        database
            .execute(&back("expires_at", minutes(12 * 60 - 1)))
            .await;
        assert!(
            studio.caller_of_session(&token).await.unwrap().is_some(),
            "11 h 59 min"
        );
        database.execute(&back("expires_at", minutes(2))).await;
        assert!(
            studio.caller_of_session(&token).await.unwrap().is_none(),
            "12 h, though used"
        );
        assert!(!studio.still_holds(&me).await.unwrap());
    })
    .await;
}

#[tokio::test]
async fn there_is_always_one_administrator_also_when_two_take_each_other_away() {
    on_each_database(|database| async move {
        let world = World::new(&database).await;
        let studio = &world.studio;
        let demote = UpdateUser {
            role: Some("user".into()),
            ..UpdateUser::default()
        };
        let admin = world.caller.user_id.clone();
        assert_eq!(
            code(studio.delete_user(&world.caller, &admin).await),
            "last_administrator"
        );
        assert_eq!(
            code(studio.update_user(&world.caller, &admin, &demote).await),
            "own_role"
        );
        let second = person(&world, "second").await;
        let promote = UpdateUser {
            role: Some("admin".into()),
            ..UpdateUser::default()
        };
        studio
            .update_user(&world.caller, &second, &promote)
            .await
            .unwrap();
        let (_, other) = caller(&world, "second").await;
        let disable = UpdateUser {
            disabled: Some(true),
            ..UpdateUser::default()
        };
        let (one, two) = tokio::join!(
            studio.update_user(&world.caller, &second, &disable),
            studio.update_user(&other, &admin, &demote),
        );
        assert_eq!(one.is_ok(), two.is_err(), "{one:?} {two:?}");
        assert_eq!(code(one.and(two)), "last_administrator");
    })
    .await;
}

#[tokio::test]
async fn a22_two_hundred_sign_ins_at_once_hash_a_few_at_a_time_and_the_rest_is_told_to_come_back() {
    let database = TestDatabase::sqlite(None);
    let mut settings = crate::world::accounts();
    settings.bcrypt_cost = 10;
    let world = World::with_accounts(&database, settings).await;
    person(&world, "ann").await;
    let tries = (0..200).map(|n| {
        let studio = world.studio.clone();
        tokio::spawn(async move {
            let from = from(&format!("10.0.{}.{n}", n % 7));
            studio
                .authenticate(&sign_in(&format!("nobody{n}"), "wrong"), &from)
                .await
        })
    });
    let tries: Vec<_> = tries.collect();
    let mut busy = 0;
    for one in tries {
        let fault = one.await.unwrap().unwrap_err();
        assert!(
            ["sign_in_failed", "sign_in_busy"].contains(&fault.code.as_ref()),
            "{fault:?}"
        );
        if fault.code == "sign_in_busy" {
            assert_eq!(fault.kind, FaultKind::Overloaded);
            assert!(fault.retry_after.is_some());
            busy += 1;
        }
    }
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    assert!(busy > 0, "nobody was told to come back");
    assert!(world.studio.passwords().most_at_once() <= cores);
    // Nobody is shut out for long.
    world
        .studio
        .authenticate(&sign_in("ann", PASSWORD), &from("10.0.0.1"))
        .await
        .unwrap();
}

#[tokio::test]
async fn a_hash_is_made_anew_when_the_cost_rose() {
    let database = TestDatabase::sqlite(None);
    let world = World::new(&database).await;
    person(&world, "ann").await;
    let hash = "SELECT count(*) FROM users WHERE password_hash LIKE '$hmac-sha384$k=%$2b$05$%'";
    assert_eq!(database.number(hash).await, 0);
    let mut settings = crate::world::accounts();
    settings.bcrypt_cost = 5;
    let dearer = World::reopened_with(&database, settings).await;
    dearer
        .studio
        .authenticate(&sign_in("ann", PASSWORD), &from(""))
        .await
        .unwrap();
    assert_eq!(database.number(hash).await, 1);
    dearer
        .studio
        .authenticate(&sign_in("ann", PASSWORD), &from(""))
        .await
        .unwrap();
}

#[tokio::test]
async fn a23_there_is_no_default_password_and_the_operators_is_set_once() {
    on_each_database(|database| async move {
        let world = World::new(&database).await;
        let studio = &world.studio;
        for guess in ["", "a", "admin", "password", "hanok"] {
            assert_eq!(
                code(
                    studio
                        .authenticate(&sign_in("admin", guess), &from(""))
                        .await
                ),
                "sign_in_failed"
            );
        }
        assert_eq!(
            code(studio.set_first_password("admin").await),
            "password_too_short"
        );
        assert!(studio.set_first_password(PASSWORD).await.unwrap());
        assert!(
            !studio
                .set_first_password("another long passphrase")
                .await
                .unwrap()
        );
        studio
            .authenticate(&sign_in("admin", PASSWORD), &from(""))
            .await
            .unwrap();
        assert!(!studio.bootstrap().await.unwrap());
    })
    .await;
}

#[tokio::test]
async fn accounts_are_found_by_the_beginning_of_name_and_address() {
    on_each_database(|database| async move {
        let world = World::new(&database).await;
        for name in ["anna", "annika", "bert", "a_b", "axb"] {
            person(&world, name).await;
        }
        let found = |q: &'static str| {
            let query = hanok_studio::accounts::UserQuery {
                q: q.into(),
                ..Default::default()
            };
            let studio = world.studio.clone();
            async move {
                let page = hanok_studio::PageRequest::first(10);
                let listed = studio.users(&query, page).await.unwrap();
                let mut names: Vec<String> =
                    listed.items.into_iter().map(|user| user.name).collect();
                names.sort();
                names
            }
        };
        assert_eq!(found("ANN").await, ["anna", "annika"]);
        assert_eq!(found("bert@ex").await, ["bert"]);
        assert_eq!(found("a_").await, ["a_b"], "signs of a pattern are plain");
        assert_eq!(found("%").await, Vec::<String>::new());
        world
            .studio
            .delete_user(&world.caller, "anna")
            .await
            .unwrap();
        assert_eq!(found("ann").await, ["annika"]);
        person(&world, "anna").await;
    })
    .await;
}
