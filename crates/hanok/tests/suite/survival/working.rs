//! A worker that is killed at every point of its work on a run, from the lease to the last word it gets:
//! another does the work, and there is one model.

use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use hanok_testkit::points::Points;
use hanok_testkit::{TestDatabase, on_each_database};
use serde_json::{Value, json};

use super::enqueue::{order, runs};
use super::place::Place;
use super::publish::one_model_and_one_evaluation;
use super::{MOST, told};

/// Longest that a run may take, with the lease of the worker that died.
const LIMIT: Duration = Duration::from_secs(60);

/// A worker of this place; its points are counted.
fn worker(place: &Place, points: &Points) -> Child {
    let data = place.home.data();
    let mut command = place.command(["worker", "--role", "jobs"]);
    command
        .arg("--address-file")
        .arg(data.join("run").join("gateway.json"))
        .arg("--objects")
        .arg(&data)
        .stdout(Stdio::null())
        .stderr(place.log_file());
    points.watch(&mut command, "worker", &data, None);
    command.spawn().expect("a worker")
}

/// Waits for the end of a worker that runs one training; whether it ended well.
fn ended(mut worker: Child, log: impl Fn() -> String) -> bool {
    let begun = Instant::now();
    loop {
        if let Some(status) = worker.try_wait().expect("a child") {
            return status.success();
        }
        if begun.elapsed() > LIMIT {
            let _ = worker.kill();
            panic!("a worker does not end: {}", log());
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// The model of the run of this number, once it has one.
async fn until_succeeded(place: &Place, number: u64) -> Value {
    let begun = Instant::now();
    loop {
        let run = runs(place, number).await.remove(0);
        if run["state"] == "succeeded" {
            return run;
        }
        assert!(begun.elapsed() < LIMIT, "{run}\n{}", place.log());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// A run with bits of its own: what is stored already would not be written.
async fn begin(place: &Place, dataset: &str, number: u64, seed: u64) {
    let mut order = order(dataset, number);
    order["params"] = json!({ "seed": seed });
    let made = place.post("/api/v1/runs", None, &order).await;
    let (status, run) = made.expect("an answer");
    assert_eq!(status, 201, "{run}");
}

async fn attempt(place: &Place, dataset: &str, number: u64, point: u64) -> (bool, Value) {
    begin(place, dataset, number, number / 2).await;
    // Of its own: the server's are not counted here.
    let points = Points::new();
    points.arm(point);
    let unharmed = ended(worker(place, &points), || place.log());
    points.rest();
    let mut second = (!unharmed).then(|| worker(place, &points));
    let run = until_succeeded(place, number).await;
    if let Some(second) = &mut second {
        crate::running::signal(second, libc::SIGTERM);
        second.wait().expect("its end");
    }
    place.oracle().await;
    one_model_and_one_evaluation(place, &run).await;
    let id = run["model"]["id"].as_str().expect("a model");
    let model = place.get(&format!("/api/v1/models/{id}")).await;
    (unharmed, model["files"].clone())
}

async fn survive(database: TestDatabase) {
    let mut place = Place::new(&database);
    place.lease = Some("1s");
    let dataset = place.dataset();
    place.start().await;
    let mut points = 0;
    loop {
        let (number, point) = (2 * points, points + 1);
        let (unharmed, files) = attempt(&place, &dataset, number, point).await;
        // The same again, undisturbed.
        let (_, expected) = attempt(&place, &dataset, number + 1, 0).await;
        assert_eq!(files, expected, "other weights after point {point}");
        if unharmed {
            break;
        }
        points += 1;
        assert!(points < MOST, "no end of points");
    }
    told("a worker's run", &database, points);
    assert!(points >= 3, "the counter saw {points} points only");
}

#[tokio::test(flavor = "multi_thread")]
async fn f10_a_worker_killed_at_every_point_leaves_one_model() {
    on_each_database(survive).await;
}
