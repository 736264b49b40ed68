//! Somebody sets the clock while a worker is at work.

use std::time::{Duration, Instant};

use hanok_testkit::on_each_database;

use super::enqueue::order;
use super::place::Place;
use super::publish;

/// The reaper is patient for two heartbeats after a start and looks every five seconds.
const REAPED_BY: Duration = Duration::from_secs(17);

/// An hour, thirty days back, ten years.
const JUMPS: [i64; 3] = [3_600, -30 * 86_400, 10 * 365 * 86_400];

#[tokio::test(flavor = "multi_thread")]
async fn f70_leases_do_not_depend_on_who_sets_the_clock() {
    on_each_database(async |database| {
        // PostgreSQL's clock is its own.
        if database.is_postgres() {
            return;
        }
        let mut place = Place::new(&database);
        let dataset = place.dataset();
        place.start().await;
        publish::register(&place).await;
        let made = place.post("/api/v1/runs", None, &order(&dataset, 1)).await;
        let run = made.expect("a run").1;
        let assignment = publish::lease_training(&place).await;
        let path = format!("/api/v1/runs/{}", run["id"].as_str().expect("an id"));
        let begun = Instant::now();
        let mut step = 0;
        while begun.elapsed() < REAPED_BY {
            place.points.set_clock(JUMPS[step % JUMPS.len()]);
            step += 1;
            assert_eq!(place.get(&path).await["state"], "running", "step {step}");
            tokio::time::sleep(Duration::from_millis(700)).await;
        }
        // What is enqueued now is there at once, whatever the clock says.
        place.points.set_clock(JUMPS[2]);
        let made = place.post("/api/v1/runs", None, &order(&dataset, 2)).await;
        assert_eq!(made.expect("a run").0, 201);
        place.points.set_clock(JUMPS[1]);
        let next = publish::lease_training(&place).await;
        assert_ne!(next.job, assignment.job);
        let complete = publish::trained(&place, &assignment, 1).await;
        let done = publish::tell(&place, "complete", &complete).await;
        assert_eq!(done.expect("an answer").0, 204);
        place.points.set_clock(0);
        place.oracle().await;
    })
    .await;
}
