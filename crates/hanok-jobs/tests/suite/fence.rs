//! Who held a job before can do nothing with it.

use hanok_domain::state::JobState;
use hanok_jobs::{BeatState, Completion, JobError, Lease};
use hanok_testkit::on_each_database;
use serde_json::json;

use crate::support::{Bench, hasty, patient};

async fn is_refused_everywhere(bench: &Bench, lease: &Lease) {
    let lost = |outcome: Result<(), JobError>| {
        assert!(
            matches!(outcome, Err(JobError::LeaseLost { .. })),
            "{outcome:?}"
        );
    };
    assert_eq!(bench.beat(lease).await, BeatState::Lost);
    lost(bench.progress(lease).await);
    lost(bench.complete(lease).await.map(drop));
    lost(bench.fail(lease, true).await.map(drop));
    let store = &bench.store;
    let cancelled = store.write(async |tx| bench.queue.cancelled(&tx, lease).await);
    lost(cancelled.await.map(drop));
    let released = store.write(async |tx| bench.queue.release(&tx, lease).await);
    lost(released.await.map(drop));
}

#[tokio::test]
async fn f11_a_zombie_is_refused_everywhere_and_harms_nobody() {
    on_each_database(async |db| {
        let bench = Bench::new(&db, patient()).await;
        let job = bench.enqueue(0).await;
        let zombie = bench.under(hasty()).claim_lease("zombie").await;
        assert_eq!(bench.reap().await.len(), 1);

        // Taken away, not yet given to anyone.
        is_refused_everywhere(&bench, &zombie).await;
        assert_eq!(bench.job(&job.id).await.state, JobState::Queued);

        // Given to another one.
        let lease = bench.claim_lease("alive").await;
        assert!(lease.epoch > zombie.epoch);
        is_refused_everywhere(&bench, &zombie).await;
        assert_eq!(bench.beat(&lease).await, BeatState::Ok);

        // Given to the very same worker again: its old attempt is still a zombie.
        let again = bench.under(hasty());
        again.beat(&lease).await;
        bench.reap().await;
        let mine = bench.claim_lease("zombie").await;
        is_refused_everywhere(&bench, &zombie).await;
        assert_eq!(
            bench.complete(&mine).await.expect("counts"),
            Completion::Done
        );
        is_refused_everywhere(&bench, &zombie).await;
        let done = bench.job(&job.id).await;
        assert_eq!(done.state, JobState::Succeeded);
        assert_eq!(done.result, Some(json!({ "by": "zombie" })));
    })
    .await;
}

#[tokio::test]
async fn the_epoch_and_the_holder_both_count() {
    on_each_database(async |db| {
        let bench = Bench::new(&db, patient()).await;
        bench.enqueue(0).await;
        let lease = bench.claim_lease("w1").await;
        for forged in [
            Lease {
                holder: "w2".to_owned(),
                ..lease.clone()
            },
            Lease {
                epoch: lease.epoch + 1,
                ..lease.clone()
            },
            Lease {
                job: "job_absent".to_owned(),
                ..lease.clone()
            },
        ] {
            is_refused_everywhere(&bench, &forged).await;
        }
        bench.progress(&lease).await.expect("is held");
    })
    .await;
}

#[tokio::test]
async fn a_lease_that_ran_out_counts_until_someone_takes_the_job() {
    on_each_database(async |db| {
        let bench = Bench::new(&db, hasty()).await;
        bench.enqueue(0).await;
        let lease = bench.claim_lease("w1").await;
        assert_eq!(bench.beat(&lease).await, BeatState::Ok);
        bench.progress(&lease).await.expect("is held");
        assert_eq!(
            bench.complete(&lease).await.expect("counts"),
            Completion::Done
        );
        assert_eq!(bench.reap().await, []);
    })
    .await;
}

#[tokio::test]
async fn f10_completing_twice_counts_once_and_keeps_the_first_result() {
    on_each_database(async |db| {
        let bench = Bench::new(&db, patient()).await;
        let job = bench.enqueue(0).await;
        let lease = bench.claim_lease("w1").await;
        assert_eq!(
            bench.complete(&lease).await.expect("counts"),
            Completion::Done
        );
        assert_eq!(
            bench.complete(&lease).await.expect("is known"),
            Completion::AlreadyDone
        );
        assert!(bench.fail(&lease, true).await.is_err());
        assert_eq!(bench.job(&job.id).await.state, JobState::Succeeded);
    })
    .await;
}

#[tokio::test]
async fn what_the_holder_wrote_goes_with_its_refused_completion() {
    on_each_database(async |db| {
        let bench = Bench::new(&db, hasty()).await;
        bench.enqueue(0).await;
        let zombie = bench.claim_lease("zombie").await;
        bench.reap().await;
        let refused = bench
            .store
            .write(async |tx| {
                tx.objects().put(&bench.project, "weights", 1).await?;
                bench.queue.complete(&tx, &zombie, &json!(null)).await
            })
            .await;
        assert!(matches!(refused, Err(JobError::LeaseLost { .. })));
        let object = bench
            .store
            .read(async |tx| tx.objects().get(&bench.project, "weights").await)
            .await;
        assert_eq!(object.expect("reads"), None);
    })
    .await;
}
