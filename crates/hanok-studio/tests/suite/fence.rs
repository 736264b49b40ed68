//! Leases: a worker that was given up writes nothing any more.

use hanok_protocol::lease::{Heartbeat, Outcome, Register, Verdict, WorkerRole};
use hanok_studio::events::Cursor;
use hanok_testkit::on_each_database;

use crate::world::{PlayedWorker, World};

#[tokio::test]
async fn f11_a_zombie_is_refused_everywhere() {
    on_each_database(|database| async move {
        let world = World::impatient(&database).await;
        let slow = world.worker("wkr_slow").await;
        let made = world.upload(None).await.unwrap();
        let old = slow.lease().await.expect("the import");
        assert_eq!(world.studio.reap().await.unwrap(), 1);
        let fast = world.worker("wkr_fast").await;
        // The pause between two attempts is the queue's; the test does not wait for it.
        database.execute("UPDATE jobs SET run_after = 0").await;
        let new = fast.lease().await.expect("the import again");
        assert!(new.epoch > old.epoch);

        assert_eq!(
            slow.post(&old, "metric").await.unwrap_err().code,
            "lease_lost"
        );
        assert_eq!(slow.finish(&old).await.unwrap_err().code, "lease_lost");
        let beat = Heartbeat {
            worker: slow.id.clone(),
            leases: vec![PlayedWorker::lease_of(&old)],
        };
        let reply = world.studio.heartbeat(&beat).await.unwrap();
        assert_eq!(reply.leases[0].1, Verdict::Lost);

        fast.finish(&new).await.unwrap();
        let dataset = world.studio.dataset(&world.caller, &made.id).await.unwrap();
        assert_eq!(dataset.state, "ready");
        assert_eq!(dataset.version.unwrap().number, 1);
    })
    .await;
}

#[tokio::test]
async fn f10_a_repeated_completion_changes_nothing() {
    on_each_database(|database| async move {
        let world = World::new(&database).await;
        let worker = world.worker("wkr_a").await;
        let dataset = world.dataset(&worker).await;
        let run = world.start_run(&dataset.id).await.unwrap();
        let training = worker.lease().await.unwrap();
        worker.finish(&training).await.unwrap();
        worker.finish(&training).await.unwrap();
        let page = Default::default();
        let models = world.studio.models(&world.caller, page).await.unwrap();
        assert_eq!(models.items.len(), 1);
        let run = world.studio.run(&world.caller, &run.id).await.unwrap();
        assert_eq!(run.state, "succeeded");
    })
    .await;
}

#[tokio::test]
async fn a_released_job_is_taken_by_another_worker_at_once() {
    on_each_database(|database| async move {
        let world = World::new(&database).await;
        let first = world.worker("wkr_a").await;
        let dataset = world.dataset(&first).await;
        let run = world.start_run(&dataset.id).await.unwrap();
        let training = first.lease().await.unwrap();
        first.end(&training, Outcome::Released).await.unwrap();
        assert_eq!(
            world
                .studio
                .run(&world.caller, &run.id)
                .await
                .unwrap()
                .state,
            "queued"
        );
        let cursor = Cursor::new(std::slice::from_ref(&run.id), None);
        let told = world
            .studio
            .events_after(&world.caller, &cursor, 100)
            .await
            .unwrap();
        let log = told
            .iter()
            .find(|event| event.kind == "log")
            .expect("a line");
        assert_eq!(
            log.data["message"],
            "The worker was told to stop. The job waits for a worker again."
        );
        let second = world.worker("wkr_b").await;
        let again = second.lease().await.expect("the training");
        second.finish(&again).await.unwrap();
        assert_eq!(
            world
                .studio
                .run(&world.caller, &run.id)
                .await
                .unwrap()
                .state,
            "succeeded"
        );
    })
    .await;
}

#[tokio::test]
async fn another_protocol_and_an_unknown_worker_are_refused() {
    on_each_database(|database| async move {
        let world = World::new(&database).await;
        let message = Register {
            version: 999,
            worker: "wkr_new".into(),
            role: WorkerRole::Jobs,
            pid: 1,
            address: String::new(),
            threads: 1,
            memory: 0,
            build: "future".into(),
        };
        let refused = world.studio.register_worker(&message).await.unwrap_err();
        assert_eq!(refused.code, "protocol_version");
        let leased = world
            .studio
            .lease_job("wkr_new", std::time::Duration::ZERO)
            .await;
        assert_eq!(leased.unwrap_err().code, "unknown_worker");
    })
    .await;
}
