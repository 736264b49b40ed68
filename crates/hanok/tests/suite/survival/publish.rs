//! Publishing: a worker completes its job as often as it must; there is one model, and one evaluation.

use std::path::PathBuf;

use bytes::Bytes;
use hanok_blobs::{Objects, ProjectKey};
use hanok_protocol::VERSION;
use hanok_protocol::job::{EvalResult, JobResult, JobSpec, ObjectName, TrainResult};
use hanok_protocol::lease::{
    Assignment, Complete, LeaseRef, LeaseRequest, Outcome, Register, WorkerRole,
};
use hanok_protocol::model::{ModelFile, ModelFormat};
use hanok_testkit::{TestDatabase, on_each_database};
use serde::Serialize;
use serde_json::{Value, json};

use super::enqueue::{order, runs};
use super::place::Place;
use super::{MOST, told};

/// The worker that these tests play.
pub const WORKER: &str = "wkr_played";

/// Tells the server something as its worker; the status, or nothing where it died.
pub async fn tell<M: Serialize>(place: &Place, verb: &str, message: &M) -> Option<(u16, Value)> {
    let file = place.home.data().join("run").join("gateway.json");
    let endpoint = std::fs::read_to_string(file).expect("an endpoint");
    let endpoint: Value = serde_json::from_str(&endpoint).expect("an endpoint");
    let request = place
        .http
        .post(format!("{}/worker/v1/{verb}", place.base))
        .bearer_auth(endpoint["token"].as_str().unwrap_or_default())
        .json(message);
    let answer = request.send().await.ok()?;
    let status = answer.status().as_u16();
    let body = answer.bytes().await.ok()?;
    Some((status, serde_json::from_slice(&body).unwrap_or_default()))
}

pub async fn register(place: &Place) {
    let message = Register {
        version: VERSION,
        worker: WORKER.to_owned(),
        role: WorkerRole::Jobs,
        pid: 1,
        address: String::new(),
        threads: 1,
        memory: 0,
        build: "test".to_owned(),
    };
    let (status, answer) = tell(place, "register", &message).await.expect("an answer");
    assert_eq!(status, 200, "{answer}");
}

/// The next training job; evaluations that come first are done.
pub async fn lease_training(place: &Place) -> Assignment {
    let message = LeaseRequest {
        worker: WORKER.to_owned(),
        wait_ms: 0,
    };
    loop {
        let (status, answer) = tell(place, "lease", &message).await.expect("an answer");
        assert_eq!(status, 200, "no job: {answer}");
        let assignment: Assignment = serde_json::from_value(answer).expect("an assignment");
        match &assignment.spec {
            JobSpec::Train(_) => return assignment,
            JobSpec::Eval(_) => {
                let report = json!({ "tuned": { "accuracy": 1.0 } });
                let done = done(&assignment, JobResult::Eval(EvalResult { report }));
                let (status, answer) = tell(place, "complete", &done).await.expect("an answer");
                assert_eq!(status, 204, "{answer}");
            }
            other => panic!("an unexpected job: {other:?}"),
        }
    }
}

fn done(assignment: &Assignment, result: JobResult) -> Complete {
    Complete {
        worker: WORKER.to_owned(),
        lease: LeaseRef {
            job: assignment.job.clone(),
            epoch: assignment.epoch,
        },
        outcome: Outcome::Done {
            result: Box::new(result),
        },
    }
}

/// Stores a head as a worker does and says what it tells the server then.
pub async fn trained(place: &Place, assignment: &Assignment, number: u64) -> Complete {
    let project = &assignment.project;
    let key = ProjectKey::from_hex(&project.id, &project.object_key).expect("a key");
    let objects = Objects::open(place.home.data()).expect("objects");
    let head = Bytes::from(format!("head {number}"));
    let stored = objects.put_bytes(&key, head).await.expect("an object");
    let result = TrainResult {
        format: ModelFormat::Head,
        files: vec![ModelFile {
            path: "head.safetensors".to_owned(),
            object: ObjectName {
                hash: stored.hash,
                size: stored.size,
            },
        }],
        labels: vec!["billing".to_owned(), "other".to_owned()],
        parameters: None,
        tokens: None,
        metrics: json!({ "steps": 3 }),
    };
    done(assignment, JobResult::Train(result))
}

pub async fn attempt(place: &mut Place, dataset: &str, number: u64, point: u64) -> bool {
    let made = place
        .post("/api/v1/runs", None, &order(dataset, number))
        .await;
    let (status, run) = made.expect("an answer");
    assert_eq!(status, 201, "{run}");
    register(place).await;
    let assignment = lease_training(place).await;
    assert_eq!(run["id"], assignment.subject.as_str());
    let complete = trained(place, &assignment, number).await;
    place.arm(point);
    let first = tell(place, "complete", &complete).await;
    let unharmed = place.outlived().await;
    if !unharmed {
        place.bury();
        place.start().await;
    }
    place.oracle().await;
    let acknowledged = first.is_some_and(|(status, _)| status == 204);
    let seen = runs(place, number).await;
    if acknowledged {
        assert_eq!(seen[0]["state"], "succeeded", "acknowledged and gone");
    }
    // The worker does what it does without an answer: it says the same again.
    let (status, answer) = tell(place, "complete", &complete).await.expect("an answer");
    assert_eq!(status, 204, "{answer}");
    let run = &runs(place, number).await[0];
    assert_eq!(run["state"], "succeeded");
    one_model_and_one_evaluation(place, run).await;
    place.oracle().await;
    unharmed
}

/// Where the head of this number lies.
pub fn head_of(place: &Place, assignment: &Assignment, number: u64) -> PathBuf {
    let project = &assignment.project;
    let key = ProjectKey::from_hex(&project.id, &project.object_key).expect("a key");
    let hash = hanok_blobs::address_of(&key, format!("head {number}").as_bytes());
    let objects = Objects::open(place.home.data()).expect("objects");
    objects.get_path(&key.id, &hash).expect("an object")
}

/// There is exactly one model of the run, and one evaluation.
pub async fn one_model_and_one_evaluation(place: &Place, run: &Value) {
    for (path, what) in [("/api/v1/models", "model"), ("/api/v1/evals", "evaluation")] {
        let list = place.get(&format!("{path}?limit=100")).await;
        let all = list["data"].as_array().expect("a list").iter();
        let mine: Vec<_> = all.filter(|row| row["run_id"] == run["id"]).collect();
        assert_eq!(mine.len(), 1, "not one {what}: {mine:?}");
    }
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
    told("publish", &database, points);
    assert!(points >= 3, "the counter saw {points} points only");
}

#[tokio::test(flavor = "multi_thread")]
async fn f10_publishing_survives_a_kill_at_every_point() {
    on_each_database(survive).await;
}
