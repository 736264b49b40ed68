//! Waiting for work.

use std::time::{Duration, Instant};

use hanok_jobs::Waiter;
use hanok_testkit::on_each_database;

use crate::support::{Bench, patient};

#[tokio::test]
async fn a_waiting_executor_hears_of_a_new_job() {
    on_each_database(async |db| {
        let bench = Bench::new(&db, patient()).await;
        let waiting = bench.clone();
        let (ready, is_ready) = tokio::sync::oneshot::channel();
        let claimer = tokio::spawn(async move {
            let mut waiter = Waiter::new(&waiting.store, Duration::from_secs(60));
            assert_eq!(waiting.claim("w1").await, None);
            ready.send(()).expect("someone listens");
            while waiter.again().await {
                if let Some(job) = waiting.claim("w1").await {
                    return Some(job.id);
                }
            }
            None
        });
        is_ready.await.expect("claims once");
        let job = bench.enqueue(0).await;
        assert_eq!(claimer.await.expect("no panic"), Some(job.id));
    })
    .await;
}

#[tokio::test]
async fn a_job_that_came_between_the_first_look_and_the_wait_is_not_missed() {
    on_each_database(async |db| {
        let bench = Bench::new(&db, patient()).await;
        let mut waiter = Waiter::new(&bench.store, Duration::from_secs(60));
        bench.enqueue(0).await;
        let start = Instant::now();
        assert!(waiter.again().await);
        // Long before the regular look.
        assert!(start.elapsed() < Duration::from_millis(900));
    })
    .await;
}

#[tokio::test]
async fn patience_ends() {
    on_each_database(async |db| {
        let bench = Bench::new(&db, patient()).await;
        let mut waiter = Waiter::new(&bench.store, Duration::from_millis(20));
        while waiter.again().await {}
        assert_eq!(bench.claim("w1").await, None);
    })
    .await;
}
