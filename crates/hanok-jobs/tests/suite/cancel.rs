//! Cancelling, also while something else happens.

use std::sync::Arc;

use hanok_domain::state::JobState;
use hanok_jobs::{BeatState, Cancelled, JobError};
use hanok_testkit::{TestDatabase, on_each_database};
use tokio::sync::Barrier;

use crate::support::{Bench, patient};

async fn cancel(bench: &Bench, project: &str, job: &str) -> Result<Cancelled, JobError> {
    bench
        .store
        .write(async |tx| bench.queue.cancel(&tx, project, job).await)
        .await
}

#[tokio::test]
async fn a_queued_job_is_cancelled_at_once() {
    on_each_database(async |db| {
        let bench = Bench::new(&db, patient()).await;
        let job = bench.enqueue(0).await;
        let project = &bench.project;
        assert_eq!(
            cancel(&bench, project, &job.id).await.expect("runs"),
            Cancelled::AtOnce
        );
        assert_eq!(bench.claim("w1").await, None);
        assert_eq!(
            cancel(&bench, project, &job.id).await.expect("runs"),
            Cancelled::Over(JobState::Cancelled)
        );
        assert!(bench.job(&job.id).await.finished_at.is_some());
    })
    .await;
}

#[tokio::test]
async fn a_running_job_is_cancelled_by_its_holder() {
    on_each_database(async |db| {
        let bench = Bench::new(&db, patient()).await;
        let job = bench.enqueue(0).await;
        let lease = bench.claim_lease("w1").await;
        assert_eq!(bench.beat(&lease).await, BeatState::Ok);
        assert_eq!(
            cancel(&bench, &bench.project, &job.id).await.expect("runs"),
            Cancelled::Requested
        );
        assert_eq!(bench.beat(&lease).await, BeatState::Cancel);
        let now = bench
            .store
            .write(async |tx| bench.queue.cancelled(&tx, &lease).await)
            .await
            .expect("ends");
        assert_eq!(now.state, JobState::Cancelled);
        assert_eq!(bench.beat(&lease).await, BeatState::Lost);
    })
    .await;
}

#[tokio::test]
async fn what_fails_or_is_released_after_a_request_to_stop_is_cancelled() {
    on_each_database(async |db| {
        let bench = Bench::new(&db, patient()).await;
        for released in [false, true] {
            let job = bench.enqueue(0).await;
            let lease = bench.claim_lease("w1").await;
            cancel(&bench, &bench.project, &job.id).await.expect("runs");
            let now = if released {
                let released = bench
                    .store
                    .write(async |tx| bench.queue.release(&tx, &lease).await);
                released.await
            } else {
                bench.fail(&lease, true).await
            };
            assert_eq!(now.expect("ends").state, JobState::Cancelled);
        }
    })
    .await;
}

#[tokio::test]
async fn what_was_done_before_the_request_reached_the_holder_counts() {
    on_each_database(async |db| {
        let bench = Bench::new(&db, patient()).await;
        let job = bench.enqueue(0).await;
        let lease = bench.claim_lease("w1").await;
        cancel(&bench, &bench.project, &job.id).await.expect("runs");
        bench.complete(&lease).await.expect("counts");
        assert_eq!(bench.job(&job.id).await.state, JobState::Succeeded);
        assert_eq!(
            cancel(&bench, &bench.project, &job.id).await.expect("runs"),
            Cancelled::Over(JobState::Succeeded)
        );
    })
    .await;
}

#[tokio::test]
async fn another_projects_job_cannot_be_cancelled() {
    on_each_database(async |db| {
        let bench = Bench::new(&db, patient()).await;
        let (_, other) = TestDatabase::account(&bench.store, "bob").await;
        let job = bench.enqueue(0).await;
        let refused = cancel(&bench, &other.id, &job.id).await;
        assert!(matches!(refused, Err(JobError::Absent { .. })));
        assert_eq!(bench.claim("w1").await.map(|job| job.id), Some(job.id));
    })
    .await;
}

#[tokio::test]
async fn a_claim_and_a_cancellation_at_once_agree_on_what_happened() {
    on_each_database(async |db| {
        let bench = Bench::new(&db, patient()).await;
        for round in 0..20 {
            let job = bench.enqueue(0).await;
            let start = Arc::new(Barrier::new(2));
            let claim = {
                let (bench, start) = (bench.clone(), start.clone());
                tokio::spawn(async move {
                    start.wait().await;
                    bench.claim("w1").await
                })
            };
            start.wait().await;
            let cancelled = cancel(&bench, &bench.project, &job.id).await.expect("runs");
            let claimed = claim.await.expect("no panic");
            let now = bench.job(&job.id).await;
            match (cancelled, claimed) {
                (Cancelled::AtOnce, None) => assert_eq!(now.state, JobState::Cancelled),
                (Cancelled::Requested, Some(claimed)) => {
                    assert!(now.cancel_requested, "round {round}");
                    let lease = claimed.lease().expect("is held");
                    assert_eq!(bench.beat(&lease).await, BeatState::Cancel);
                }
                other => panic!("round {round}: {other:?}"),
            }
        }
    })
    .await;
}
