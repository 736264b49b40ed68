//! Jobs over HTTP: listed, started, cancelled, followed by stream and by WebSocket; models downloaded;
//! a data set's whole life.

use std::time::Duration;

use axum::body::Body;
use axum::http::{Method, StatusCode};
use hanok_domain::state::JobState;
use hanok_store::StoreError;
use hanok_store::rows::events::NewEvent;
use hanok_store::rows::jobs::NewJob;
use serde_json::{Value, json};

use crate::socket::Client;
use crate::streaming::{append, open, read, run_with_events};
use crate::world::{Answer, World, request};

/// A queued job about a subject, past the use cases.
async fn job_about(world: &World, kind: &str, subject: &str) -> String {
    let caller = &world.studio.local_caller().await.unwrap();
    let new = &NewJob {
        project_id: caller.project_id.clone(),
        kind: kind.into(),
        executor: "worker".into(),
        payload: json!({}),
        subject: subject.into(),
        priority: 0,
        max_attempts: 3,
    };
    let job: Result<_, StoreError> = world
        .store
        .write(|tx| async move { tx.jobs().insert(new).await })
        .await;
    job.unwrap().id
}

async fn event(world: &World, topic: &str, kind: &str, data: Value) {
    let caller = &world.studio.local_caller().await.unwrap();
    let event = &NewEvent {
        kind: kind.into(),
        data,
    };
    world
        .store
        .write(|tx| async move {
            let events = std::slice::from_ref(event);
            tx.events()
                .append(&caller.project_id, topic, events)
                .await?;
            Ok::<_, StoreError>(())
        })
        .await
        .unwrap();
}

/// Uploads a small data set, whose import then waits for a worker.
async fn upload(world: &World, name: &str) -> Answer {
    let part = |head: &str, body: &str| {
        format!("--X\r\nContent-Disposition: form-data; {head}\r\n\r\n{body}\r\n")
    };
    let rows = "text,label\nit is late,delivery\ncharged twice,billing\n";
    let file = part("name=\"file\"; filename=\"a.csv\"", rows);
    let body = format!("{file}{}--X--\r\n", part("name=\"name\"", name));
    let request = request(Method::POST, "/api/v1/datasets")
        .header("authorization", format!("Bearer {}", world.key))
        .header("content-type", "multipart/form-data; boundary=X");
    world.call(request.body(Body::from(body)).unwrap()).await
}

#[tokio::test]
async fn an_upload_is_a_job_that_is_listed_looked_at_and_cancelled() {
    let world = World::new().await;
    let made = upload(&world, "tickets").await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
    let dataset = made.json()["id"].as_str().unwrap().to_owned();
    assert_eq!(made.json()["name"], "tickets");
    let listed = world.api(Method::GET, "/api/v1/jobs", None).await.json();
    assert_eq!(listed["data"].as_array().unwrap().len(), 1);
    let job = listed["data"][0].clone();
    assert_eq!(job["kind"], "dataset.import");
    assert_eq!(job["subject"], dataset.as_str());
    assert_eq!(job["state"], "queued");
    let id = job["id"].as_str().unwrap();
    for id in [id, dataset.as_str()] {
        let one = world
            .api(Method::GET, &format!("/api/v1/jobs/{id}"), None)
            .await;
        assert_eq!(one.json(), job);
    }
    for (query, found) in [
        ("kind=dataset.import", 1),
        ("kind=run.train", 0),
        ("state=queued", 1),
        ("state=failed&kind=dataset.import", 0),
        ("state=", 1),
    ] {
        let listed = world
            .api(Method::GET, &format!("/api/v1/jobs?{query}"), None)
            .await;
        assert_eq!(
            listed.json()["data"].as_array().unwrap().len(),
            found,
            "{query}"
        );
    }
    let path = format!("/api/v1/jobs/{id}/cancel");
    let cancelled = world.api(Method::POST, &path, None).await;
    assert_eq!(cancelled.json()["state"], "cancelled", "{}", cancelled.text);
    let again = world.api(Method::POST, &path, None).await;
    assert_eq!(again.status, StatusCode::CONFLICT);
    assert_eq!(again.code(), "job_over");
    // What the job was about says so as well, and can be deleted.
    let path = format!("/api/v1/datasets/{dataset}");
    let shown = world.api(Method::GET, &path, None).await.json();
    assert_eq!(
        (&shown["state"], &shown["error"]["code"]),
        (&json!("failed"), &json!("cancelled"))
    );
    assert_eq!(
        world.api(Method::DELETE, &path, None).await.status,
        StatusCode::OK
    );
    assert_eq!(
        world.api(Method::GET, &path, None).await.status,
        StatusCode::NOT_FOUND
    );
    let listed = world.api(Method::GET, "/api/v1/datasets", None).await;
    assert_eq!(listed.json()["data"], json!([]));
}

#[tokio::test]
async fn jobs_that_make_no_sense_are_refused_by_field() {
    let world = World::new().await;
    for (body, code, field) in [
        (
            json!({ "dataset": "ds_none" }),
            "unknown_dataset",
            json!("dataset"),
        ),
        (
            json!({ "kind": "run.train", "dataset": "ds_none" }),
            "unknown_dataset",
            json!("dataset"),
        ),
        (
            json!({ "kind": "dataset.import" }),
            "invalid_kind",
            json!("kind"),
        ),
        (
            json!({ "kind": 7, "dataset": "ds_none" }),
            "invalid_kind",
            json!("kind"),
        ),
        (json!({ "kind": "run.train" }), "invalid_body", Value::Null),
        (
            json!({ "dataset": "d", "colour": 1 }),
            "invalid_body",
            Value::Null,
        ),
        (
            json!({ "kind": "eval.run", "model": "none", "dataset": "ds_a" }),
            "not_found",
            json!("model"),
        ),
    ] {
        let text = body.to_string();
        let answer = world.api(Method::POST, "/api/v1/jobs", Some(&text)).await;
        assert!(answer.status.is_client_error(), "{text}");
        assert_eq!(answer.code(), code, "{text}: {}", answer.text);
        assert_eq!(answer.json()["error"]["param"], field, "{text}");
    }
    for path in ["", "/cancel", "/logs", "/events", "/ws"] {
        let method = if path == "/cancel" {
            Method::POST
        } else {
            Method::GET
        };
        let answer = world
            .api(method, &format!("/api/v1/jobs/job_none{path}"), None)
            .await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
    }
}

#[tokio::test]
async fn the_events_of_a_job_end_with_it_and_logs_are_its_lines() {
    let world = World::new().await;
    let run = run_with_events(&world, 2).await;
    // A run that failed once and is tried again is not over.
    for state in ["failed", "queued"] {
        event(&world, &run, "state", json!({ "state": state })).await;
    }
    let job = job_about(&world, "run.train", &run).await;
    event(
        &world,
        &run,
        "log",
        json!({ "level": "info", "message": "one" }),
    )
    .await;
    let body = open(&world, &format!("/api/v1/jobs/{job}/events"), None).await;
    let lines = open(&world, &format!("/api/v1/jobs/{job}/logs"), None).await;
    let later = async {
        append(&world, &run, 2, 1).await;
        event(
            &world,
            &run,
            "log",
            json!({ "level": "info", "message": "two" }),
        )
        .await;
        event(&world, &run, "state", json!({ "state": "succeeded" })).await;
    };
    let whole = axum::body::to_bytes(body, 1 << 20);
    let lines = axum::body::to_bytes(lines, 1 << 20);
    let both = async { tokio::join!(whole, lines, later) };
    let (whole, lines, ()) = tokio::time::timeout(Duration::from_secs(20), both)
        .await
        .unwrap();
    let whole = String::from_utf8(whole.unwrap().to_vec()).unwrap();
    let lines = String::from_utf8(lines.unwrap().to_vec()).unwrap();
    assert_eq!(whole.matches("event: metric").count(), 3, "{whole}");
    assert!(whole.contains("\"state\":\"succeeded\""));
    assert!(
        whole.trim_end().ends_with("event: end\ndata: {}"),
        "{whole}"
    );
    assert_eq!(lines.matches("event: log").count(), 2, "{lines}");
    assert!(
        !lines.contains("event: metric") && lines.contains("event: end"),
        "{lines}"
    );
}

#[tokio::test]
async fn a_client_that_comes_back_to_a_job_that_is_over_is_told_to_stop() {
    let world = World::new().await;
    let run = run_with_events(&world, 3).await;
    let job = job_about(&world, "dataset.import", &run).await;
    let caller = world.studio.local_caller().await.unwrap();
    let (project, id) = (&caller.project_id, &job);
    let cancelled: Result<bool, StoreError> = world
        .store
        .write(|tx| async move { tx.jobs().cancel_queued(project, id).await })
        .await;
    assert!(cancelled.unwrap());
    let path = format!("/api/v1/jobs/{job}/events");
    let last = format!("{run}:2");
    let left = read(open(&world, &path, Some(&last)).await, 2).await;
    assert!(
        left[0].contains("\"step\":2") && left[1].contains("event: end"),
        "{left:?}"
    );
    let last = format!("{run}:3");
    let request = request(Method::GET, &path)
        .header("authorization", format!("Bearer {}", world.key))
        .header("last-event-id", &last);
    let answer = world.call(request.body(Body::empty()).unwrap()).await;
    assert_eq!(answer.status, StatusCode::NO_CONTENT);
    let shown = world
        .api(Method::GET, &format!("/api/v1/jobs/{job}"), None)
        .await;
    assert_eq!(shown.json()["state"], JobState::Cancelled.as_str());
}

#[tokio::test]
async fn a_socket_replays_goes_on_live_and_ends_like_the_stream() {
    let world = World::new().await;
    let run = run_with_events(&world, 3).await;
    let job = job_about(&world, "run.train", &run).await;
    let address = world.listen().await;
    let path = format!("/api/v1/jobs/{job}/ws?after={run}:1");
    let key = format!("Authorization: Bearer {}\r\n", world.key);
    let mut client = Client::connect(address, &path, &key).await.unwrap();
    for step in 1..3 {
        let message = client.text().await;
        assert_eq!(message["event"], "metric");
        assert_eq!(message["id"], format!("{run}:{}", step + 1));
        assert_eq!(message["data"]["step"], step);
    }
    let open = world.metrics().await;
    assert!(open.contains("hanok_event_streams_open 1\n"), "{open}");
    append(&world, &run, 3, 1).await;
    assert_eq!(client.text().await["data"]["step"], 3);
    event(&world, &run, "state", json!({ "state": "failed" })).await;
    assert_eq!(client.text().await["data"]["state"], "failed");
    assert_eq!(client.closed().await, Some(1000));
}

#[tokio::test]
async fn a_socket_asks_for_the_same_credentials_as_a_stream() {
    let world = World::new().await;
    let run = run_with_events(&world, 1).await;
    let address = world.listen().await;
    let path = format!("/api/v1/runs/{run}/ws");
    let cookie = format!("Cookie: hanok_session={}\r\n", world.session().await);
    let own = format!("{cookie}Origin: http://{address}\r\n");
    let foreign = format!("{cookie}Origin: http://evil.example\r\n");
    for (headers, status) in [
        ("", 401),
        ("Authorization: Bearer hk_nonsense\r\n", 401),
        (foreign.as_str(), 403),
        (own.as_str(), 101),
    ] {
        let answer = Client::connect(address, &path, headers).await;
        assert_eq!(
            answer.map_or_else(|status| status, |_| 101),
            status,
            "{headers}"
        );
    }
    // What is no WebSocket is told so, in the envelope.
    let answer = world.api(Method::GET, &path, None).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert_eq!(answer.code(), "websocket_expected");
}

#[tokio::test]
async fn a_socket_that_is_left_is_let_go_and_one_that_stays_hears_the_server_stop() {
    let world = World::new().await;
    let run = run_with_events(&world, 1).await;
    let address = world.listen().await;
    let path = format!("/api/v1/runs/{run}/ws");
    let key = format!("Authorization: Bearer {}\r\n", world.key);
    let mut stays = Client::connect(address, &path, &key).await.unwrap();
    let mut leaves = Client::connect(address, &path, &key).await.unwrap();
    leaves.text().await;
    drop(leaves);
    stays.text().await;
    for _ in 0..200 {
        if world
            .metrics()
            .await
            .contains("hanok_event_streams_open 1\n")
        {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert!(
        world
            .metrics()
            .await
            .contains("hanok_event_streams_open 1\n")
    );
    world.stop.cancel();
    assert_eq!(stays.closed().await, Some(1001));
}
