//! Idempotency keys: a repeated request gets the first one's answer, another one is refused.

use hanok_studio::Once;
use hanok_testkit::on_each_database;

use crate::world::{World, start};

fn once(hash: &str) -> Option<Once> {
    Some(Once::new("key-1".into(), "POST /x".into(), hash.into()))
}

#[tokio::test]
async fn f03_the_same_request_makes_one_thing() {
    on_each_database(|database| async move {
        let world = World::new(&database).await;
        let first = world.upload(once("h")).await.unwrap();
        let second = world.upload(once("h")).await.unwrap();
        assert_eq!(first.id, second.id);
        let other = world.upload(once("another")).await.unwrap_err();
        assert_eq!(other.code, "idempotency_key_reused");
        let all = world
            .studio
            .datasets(&world.caller, Default::default())
            .await
            .unwrap();
        assert_eq!(all.items.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn f90_two_at_once_make_one_thing() {
    on_each_database(|database| async move {
        let world = World::new(&database).await;
        let worker = world.worker("wkr_a").await;
        let dataset = world.dataset(&worker).await;
        let begin = || {
            world
                .studio
                .start_run(&world.caller, start(&dataset.id), once("h"))
        };
        let (a, b) = tokio::join!(begin(), begin());
        // The loser either gets the winner's answer or is told that it is still being worked on.
        let made: Vec<String> = [a, b].into_iter().flatten().map(|run| run.id).collect();
        assert!(!made.is_empty());
        assert!(made.iter().all(|id| *id == made[0]));
        let runs = world
            .studio
            .runs(&world.caller, Default::default())
            .await
            .unwrap();
        assert_eq!(runs.items.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_refused_request_leaves_its_key_free() {
    on_each_database(|database| async move {
        let world = World::new(&database).await;
        let worker = world.worker("wkr_a").await;
        let refused = world
            .studio
            .start_run(&world.caller, start("ds_none"), once("h"))
            .await;
        assert!(refused.is_err());
        let dataset = world.dataset(&worker).await;
        let started = world
            .studio
            .start_run(&world.caller, start(&dataset.id), once("h2"))
            .await;
        assert!(started.is_ok());
    })
    .await;
}
