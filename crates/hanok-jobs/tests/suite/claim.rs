//! Who gets which job.

use std::collections::HashSet;
use std::time::Duration;

use hanok_domain::state::JobState;
use hanok_jobs::{JobError, Policy};
use hanok_store::StoreError;
use hanok_testkit::on_each_database;

use crate::support::{Bench, new_job, patient, request};

#[tokio::test]
async fn f04_a_job_exists_if_and_only_if_its_transaction_is_committed() {
    on_each_database(async |db| {
        let bench = Bench::new(&db, patient()).await;
        let new = new_job(&bench.project, 0);
        let outcome = bench
            .store
            .write(async |tx| {
                bench.queue.enqueue(&tx, &new).await?;
                Err::<(), JobError>(StoreError::Conflict("on purpose".to_owned()).into())
            })
            .await;
        assert!(outcome.is_err());
        assert_eq!(bench.claim("w1").await, None);
        let job = bench.enqueue(0).await;
        let claimed = bench.claim("w1").await.expect("there is a job");
        assert_eq!(claimed.id, job.id);
        assert_eq!(claimed.payload, job.payload);
        assert_eq!((claimed.epoch, claimed.attempts), (1, 1));
        assert_eq!(claimed.state, JobState::Running);
        assert!(claimed.started_at.is_some());
    })
    .await;
}

#[tokio::test]
async fn a_thousand_jobs_go_by_priority_and_then_in_order() {
    on_each_database(async |db| {
        let bench = Bench::new(&db, patient()).await;
        let made = bench
            .store
            .write(async |tx| {
                let mut made = Vec::new();
                for number in 0..1000 {
                    let new = new_job(&bench.project, number % 3);
                    let job = bench.queue.enqueue(&tx, &new).await?;
                    made.push((-job.priority, job.id));
                }
                Ok::<_, JobError>(made)
            })
            .await;
        let mut expected = made.expect("enqueues");
        expected.sort();
        let claimed = bench
            .store
            .write(async |tx| {
                let mut claimed = Vec::new();
                while let Some(job) = bench.queue.claim(&tx, &request("w1")).await? {
                    claimed.push((-job.priority, job.id));
                }
                Ok::<_, JobError>(claimed)
            })
            .await;
        assert_eq!(claimed.expect("claims"), expected);
    })
    .await;
}

#[tokio::test]
async fn claimers_at_once_never_get_the_same_job() {
    on_each_database(async |db| {
        let bench = Bench::new(&db, patient()).await;
        for _ in 0..40 {
            bench.enqueue(0).await;
        }
        let tasks: Vec<_> = (0..8)
            .map(|number| {
                let bench = bench.clone();
                tokio::spawn(async move {
                    let holder = format!("w{number}");
                    let mut got = Vec::new();
                    while let Some(job) = bench.claim(&holder).await {
                        assert_eq!(job.holder.as_deref(), Some(holder.as_str()));
                        got.push(job.id);
                    }
                    got
                })
            })
            .collect();
        let mut all = Vec::new();
        for task in tasks {
            all.extend(task.await.expect("no panic"));
        }
        let distinct: HashSet<_> = all.iter().collect();
        assert_eq!((all.len(), distinct.len()), (40, 40));
    })
    .await;
}

#[tokio::test]
async fn a_claim_that_is_rolled_back_leaves_the_job_queued() {
    on_each_database(async |db| {
        let bench = Bench::new(&db, patient()).await;
        let job = bench.enqueue(0).await;
        let outcome = bench
            .store
            .write(async |tx| {
                bench.queue.claim(&tx, &request("w1")).await?;
                Err::<(), JobError>(StoreError::Conflict("on purpose".to_owned()).into())
            })
            .await;
        assert!(outcome.is_err());
        let now = bench.job(&job.id).await;
        assert_eq!((now.state, now.epoch), (JobState::Queued, 0));
    })
    .await;
}

#[tokio::test]
async fn only_jobs_of_the_executor_and_kinds_asked_for_are_given() {
    on_each_database(async |db| {
        let bench = Bench::new(&db, patient()).await;
        bench.enqueue(0).await;
        let mut asked = request("w1");
        asked.executor = "server".to_owned();
        let mut other_kind = request("w1");
        other_kind.kinds = vec!["eval.run".to_owned()];
        let mut no_kind = request("w1");
        no_kind.kinds.clear();
        for request in [asked, other_kind, no_kind] {
            let claimed = bench
                .store
                .write(async |tx| bench.queue.claim(&tx, &request).await)
                .await;
            assert_eq!(claimed.expect("runs"), None, "{request:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_failed_attempt_waits_out_its_pause_and_the_last_one_is_final() {
    on_each_database(async |db| {
        let bench = Bench::new(&db, patient()).await;
        let job = bench.enqueue(0).await;
        let pausing = bench.under(Policy {
            first_pause: Duration::from_secs(3600),
            longest_pause: Duration::from_secs(7200),
            ..patient()
        });
        let lease = bench.claim_lease("w1").await;
        let queued = pausing.fail(&lease, true).await.expect("fails");
        assert_eq!(queued.state, JobState::Queued);
        assert_eq!(queued.holder, None);
        assert!(queued.error.is_some());
        assert!(queued.run_after > queued.created_at + 3_599_000_000);
        assert_eq!(bench.claim("w1").await, None);

        let second = bench.enqueue(0).await;
        for attempt in 1..=3 {
            let lease = bench.claim_lease("w1").await;
            assert_eq!((&lease.job, lease.epoch), (&second.id, attempt));
            let now = bench.fail(&lease, true).await.expect("fails");
            let over = attempt == 3;
            assert_eq!(now.state == JobState::Failed, over);
            assert_eq!(now.finished_at.is_some(), over);
        }
        assert_eq!(bench.claim("w1").await, None);
        assert_eq!(bench.job(&job.id).await.attempts, 1);
    })
    .await;
}

#[tokio::test]
async fn a_failure_that_another_attempt_would_not_change_is_final_at_once() {
    on_each_database(async |db| {
        let bench = Bench::new(&db, patient()).await;
        bench.enqueue(0).await;
        let lease = bench.claim_lease("w1").await;
        let failed = bench.fail(&lease, false).await.expect("fails");
        assert_eq!(failed.state, JobState::Failed);
        assert_eq!(
            failed.error.map(|error| error.code).as_deref(),
            Some("out_of_memory")
        );
    })
    .await;
}

#[tokio::test]
async fn f07_a_released_job_may_be_claimed_at_once_and_loses_no_attempt() {
    on_each_database(async |db| {
        let bench = Bench::new(&db, patient()).await;
        bench.enqueue(0).await;
        for _ in 0..5 {
            let lease = bench.claim_lease("w1").await;
            let released = bench
                .store
                .write(async |tx| bench.queue.release(&tx, &lease).await)
                .await
                .expect("releases");
            assert_eq!((released.state, released.attempts), (JobState::Queued, 0));
        }
        let lease = bench.claim_lease("w2").await;
        assert_eq!(lease.epoch, 6);
    })
    .await;
}
