//! Cancelling: before a worker has it, while a worker has it, after.

use hanok_protocol::lease::{Heartbeat, Outcome, Verdict};
use hanok_testkit::on_each_database;

use crate::world::{PlayedWorker, World};

#[tokio::test]
async fn a_waiting_run_is_cancelled_at_once() {
    on_each_database(|database| async move {
        let world = World::new(&database).await;
        let worker = world.worker("wkr_a").await;
        let dataset = world.dataset(&worker).await;
        let run = world.start_run(&dataset.id).await.unwrap();
        let run = world
            .studio
            .cancel_run(&world.caller, &run.id)
            .await
            .unwrap();
        assert_eq!(run.state, "cancelled");
        assert!(worker.lease().await.is_none());
        let again = world.studio.cancel_run(&world.caller, &run.id).await;
        assert_eq!(again.unwrap_err().code, "run_over");
    })
    .await;
}

#[tokio::test]
async fn a_running_run_is_cancelled_by_its_worker() {
    on_each_database(|database| async move {
        let world = World::new(&database).await;
        let worker = world.worker("wkr_a").await;
        let dataset = world.dataset(&worker).await;
        let run = world.start_run(&dataset.id).await.unwrap();
        let training = worker.lease().await.unwrap();
        let asked = world
            .studio
            .cancel_run(&world.caller, &run.id)
            .await
            .unwrap();
        assert_eq!(asked.state, "running");
        let beat = Heartbeat {
            worker: worker.id.clone(),
            leases: vec![PlayedWorker::lease_of(&training)],
        };
        let reply = world.studio.heartbeat(&beat).await.unwrap();
        assert_eq!(reply.leases[0].1, Verdict::Cancel);
        worker.end(&training, Outcome::Cancelled).await.unwrap();
        let run = world.studio.run(&world.caller, &run.id).await.unwrap();
        assert_eq!(run.state, "cancelled");
    })
    .await;
}
