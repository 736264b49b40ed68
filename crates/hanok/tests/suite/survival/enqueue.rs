//! Enqueueing: a run and its job exist together or not at all.

use hanok_testkit::{TestDatabase, on_each_database};
use serde_json::{Value, json};

use super::place::Place;
use super::{MOST, told};

/// What a run is asked for with.
pub fn order(dataset: &str, number: u64) -> Value {
    json!({ "dataset": dataset, "name": format!("run {number}"), "method": "head" })
}

/// The runs of this number.
pub async fn runs(place: &Place, number: u64) -> Vec<Value> {
    let list = place.get("/api/v1/runs?limit=100").await;
    let name = format!("run {number}");
    let runs = list["data"].as_array().expect("a list").iter();
    runs.filter(|run| run["name"] == name.as_str())
        .cloned()
        .collect()
}

pub async fn attempt(place: &mut Place, dataset: &str, number: u64, point: u64) -> bool {
    let (key, body) = (format!("run {number}"), order(dataset, number));
    place.arm(point);
    let first = place.post("/api/v1/runs", Some(&key), &body).await;
    let unharmed = place.outlived().await;
    if !unharmed {
        place.bury();
        place.start().await;
    }
    let seen = runs(place, number).await;
    // A run without its job, or the other way round, is found by this.
    place.oracle().await;
    let again = place.post("/api/v1/runs", Some(&key), &body).await;
    let (status, again) = again.expect("an answer");
    assert_eq!(status, 201, "{again}");
    if let Some((status, first)) = first {
        assert_eq!(
            (status, &first),
            (201, &again),
            "acknowledged, then different"
        );
        assert_eq!(seen.len(), 1, "acknowledged and gone");
    }
    let now = runs(place, number).await;
    assert_eq!(now.len(), 1, "{now:?}");
    assert_eq!(
        (&now[0]["id"], &now[0]["state"]),
        (&again["id"], &json!("queued"))
    );
    if let Some(seen) = seen.first() {
        assert_eq!(seen["id"], again["id"], "the repeat made another run");
    }
    place.oracle().await;
    unharmed
}

async fn survive(database: TestDatabase) {
    let mut place = Place::new(&database);
    let dataset = place.dataset();
    place.start().await;
    let mut points = 0;
    while !attempt(&mut place, &dataset, points + 1, points + 1).await {
        points += 1;
        assert!(points < MOST, "no end of points");
    }
    told("enqueue", &database, points);
    assert!(points >= 3, "the counter saw {points} points only");
}

#[tokio::test(flavor = "multi_thread")]
async fn f04_f03_enqueueing_survives_a_kill_at_every_point() {
    on_each_database(survive).await;
}
