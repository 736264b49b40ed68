//! Jobs of holders that fell silent.

use std::time::Duration;

use hanok_domain::state::JobState;
use hanok_jobs::{BeatState, Policy, WORKER_LOST};
use hanok_testkit::on_each_database;

use crate::support::{Bench, hasty, patient};

#[tokio::test]
async fn f08_a_silent_holders_job_is_done_by_another_one() {
    on_each_database(async |db| {
        let bench = Bench::new(&db, hasty()).await;
        let job = bench.enqueue(0).await;
        bench.claim_lease("dead").await;
        let reaped = bench.reap().await;
        assert_eq!(reaped.len(), 1);
        assert_eq!(reaped[0].before.holder.as_deref(), Some("dead"));
        assert_eq!(reaped[0].state, JobState::Queued);
        assert_eq!(bench.reap().await, []);
        let lease = bench.claim_lease("alive").await;
        assert_eq!((lease.job.as_str(), lease.epoch), (job.id.as_str(), 2));
        bench.complete(&lease).await.expect("counts");
        assert_eq!(bench.job(&job.id).await.attempts, 2);
    })
    .await;
}

#[tokio::test]
async fn f12_a_job_that_kills_every_worker_ends_failed_and_the_queue_moves_on() {
    on_each_database(async |db| {
        let bench = Bench::new(&db, hasty()).await;
        let poison = bench.enqueue(9).await;
        let fine = bench.enqueue(0).await;
        for attempt in 1..=3 {
            let lease = bench.claim_lease("victim").await;
            assert_eq!(lease.job, poison.id, "attempt {attempt}");
            bench.reap().await;
        }
        let failed = bench.job(&poison.id).await;
        assert_eq!(failed.state, JobState::Failed);
        let error = failed.error.expect("a reason");
        assert_eq!(error.code, WORKER_LOST);
        assert!(error.message.contains("victim") && error.message.contains("3 of 3"));
        assert_eq!(bench.claim_lease("victim").await.job, fine.id);
    })
    .await;
}

#[tokio::test]
async fn a_heartbeat_keeps_a_job_from_the_reaper() {
    on_each_database(async |db| {
        let bench = Bench::new(&db, patient()).await;
        bench.enqueue(0).await;
        let lease = bench.under(hasty()).claim_lease("slow").await;
        assert_eq!(bench.beat(&lease).await, BeatState::Ok);
        assert_eq!(bench.reap().await, []);
        bench.complete(&lease).await.expect("counts");
    })
    .await;
}

#[tokio::test]
async fn f05_after_a_start_nothing_is_taken_until_holders_could_be_heard() {
    on_each_database(async |db| {
        let before = Bench::new(&db, hasty()).await;
        before.enqueue(0).await;
        let lease = before.claim_lease("survivor").await;
        let restarted = before.under(Policy {
            grace: Duration::from_secs(3600),
            ..patient()
        });
        assert_eq!(restarted.reap().await, []);
        assert_eq!(restarted.beat(&lease).await, BeatState::Ok);
        // Had it stayed silent, the first look after the grace would have taken the job.
        assert_eq!(before.under(patient()).reap().await, []);
        before.beat(&lease).await;
        assert_eq!(before.under(patient()).reap().await.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_job_whose_holder_died_while_asked_to_stop_is_cancelled() {
    on_each_database(async |db| {
        let bench = Bench::new(&db, hasty()).await;
        let job = bench.enqueue(0).await;
        bench.claim_lease("dead").await;
        bench
            .store
            .write(async |tx| bench.queue.cancel(&tx, &bench.project, &job.id).await)
            .await
            .expect("cancels");
        let reaped = bench.reap().await;
        assert_eq!(reaped[0].state, JobState::Cancelled);
        assert!(reaped[0].before.cancel_requested);
    })
    .await;
}
