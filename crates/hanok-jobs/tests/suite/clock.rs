//! The wall clock is set: times that lie out of reach come back into it.

use hanok_testkit::on_each_database;

use crate::support::{Bench, patient};

/// Thirty days ahead of any clock here, µs.
const FAR: &str = "9000000000000000";

#[tokio::test]
async fn f70_a_clock_that_was_set_back_keeps_no_job_for_days() {
    on_each_database(async |db| {
        let bench = Bench::new(&db, patient()).await;
        bench.enqueue(0).await;
        let held = bench.claim_lease("dead").await;
        let waiting = bench.enqueue(0).await;
        let sql = format!("UPDATE jobs SET lease_until = {FAR} WHERE state = 'running'");
        db.execute(&sql).await;
        let sql = format!("UPDATE jobs SET run_after = {FAR} WHERE state = 'queued'");
        db.execute(&sql).await;
        assert!(bench.claim("early").await.is_none());
        assert_eq!(bench.reap().await, []);
        let lease = bench.job(&held.job).await.lease_until.expect("a lease");
        assert!(lease < 8_000_000_000_000_000, "the lease is out of reach");
        assert_eq!(
            bench.claim("next").await.map(|job| job.id),
            Some(waiting.id)
        );
        // A lease within reach is nobody's to shorten.
        assert_eq!(bench.reap().await, []);
        assert_eq!(bench.job(&held.job).await.lease_until, Some(lease));
    })
    .await;
}
