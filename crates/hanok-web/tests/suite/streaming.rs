//! Event streams: replay after `Last-Event-ID`, then live.

use std::time::Duration;

use axum::body::Body;
use axum::http::{Method, StatusCode};
use futures_util::StreamExt;
use hanok_store::StoreError;
use hanok_store::rows::events::NewEvent;
use hanok_store::rows::runs::NewRun;
use serde_json::json;
use tower::ServiceExt;

use crate::world::{World, request};

/// A run with some events, past the use cases: the stream reads only the log.
pub async fn run_with_events(world: &World, count: i64) -> String {
    let caller = &world.studio.local_caller().await.unwrap();
    world
        .store
        .write(|tx| async move {
            let version = tx.datasets();
            let dataset = version
                .insert(&hanok_store::rows::datasets::NewDataset {
                    project_id: caller.project_id.clone(),
                    name: "d".into(),
                    kind: "classification".into(),
                    source_name: "d.csv".into(),
                    source_bytes: 1,
                    created_by: caller.user_id.clone(),
                })
                .await?;
            let version = version
                .add_version(&hanok_store::rows::datasets::NewVersion {
                    project_id: caller.project_id.clone(),
                    dataset_id: dataset.id,
                    manifest: json!({}),
                    statistics: json!({}),
                    rows: 0,
                })
                .await?;
            let run = tx
                .runs()
                .insert(&NewRun {
                    project_id: caller.project_id.clone(),
                    name: "r".into(),
                    method: "head".into(),
                    base_model: "hanok-encoder".into(),
                    dataset_version_id: version.id,
                    params: json!({}),
                    created_by: caller.user_id.clone(),
                })
                .await?;
            Ok::<_, StoreError>(run.id)
        })
        .await
        .map(|run| (run, count))
        .map(|(run, count)| async move {
            append(world, &run, 0, count).await;
            run
        })
        .unwrap()
        .await
}

pub async fn append(world: &World, run: &str, from: i64, count: i64) {
    let caller = &world.studio.local_caller().await.unwrap();
    let events: &Vec<NewEvent> = &(from..from + count)
        .map(|i| NewEvent {
            kind: "metric".into(),
            data: json!({ "step": i }),
        })
        .collect();
    world
        .store
        .write(|tx| async move {
            tx.events().append(&caller.project_id, run, events).await?;
            Ok::<_, StoreError>(())
        })
        .await
        .unwrap();
}

/// Reads from a stream until `wanted` messages have come.
pub async fn read(body: Body, wanted: usize) -> Vec<String> {
    let mut stream = body.into_data_stream();
    let mut text = String::new();
    while text.matches("\n\n").count() < wanted {
        let next = tokio::time::timeout(Duration::from_secs(20), stream.next());
        let chunk = next.await.expect("an event in time").expect("more events");
        text.push_str(&String::from_utf8_lossy(&chunk.unwrap()));
    }
    text.split("\n\n")
        .filter(|m| !m.is_empty())
        .map(str::to_owned)
        .collect()
}

pub async fn open(world: &World, path: &str, last: Option<&str>) -> Body {
    let mut builder =
        request(Method::GET, path).header("authorization", format!("Bearer {}", world.key));
    if let Some(last) = last {
        builder = builder.header("last-event-id", last);
    }
    let response = world
        .router
        .clone()
        .oneshot(builder.body(Body::empty()).unwrap())
        .await;
    let response = response.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    response.into_body()
}

#[tokio::test]
async fn a_stream_replays_goes_on_live_and_catches_up() {
    let world = World::new().await;
    let run = run_with_events(&world, 3).await;
    let path = format!("/api/v1/runs/{run}/events");
    let body = open(&world, &path, None).await;
    let later = async {
        append(&world, &run, 3, 2).await;
    };
    let (messages, ()) = tokio::join!(read(body, 5), later);
    for (i, message) in messages.iter().take(5).enumerate() {
        assert!(message.contains("event: metric"), "{message}");
        assert!(message.contains(&format!("\"step\":{i}")), "{message}");
        assert!(
            message.contains(&format!("id: {run}:{}", i + 1)),
            "{message}"
        );
    }
    let body = open(&world, &path, Some(&format!("{run}:4"))).await;
    let rest = read(body, 1).await;
    assert!(rest[0].contains("\"step\":4"), "{rest:?}");
}

#[tokio::test]
async fn several_topics_share_a_stream_and_foreign_ones_are_absent() {
    let world = World::new().await;
    let (a, b) = (
        run_with_events(&world, 1).await,
        run_with_events(&world, 1).await,
    );
    let body = open(&world, &format!("/api/v1/events?topics={a},{b}"), None).await;
    let messages = read(body, 2).await;
    assert!(messages.iter().any(|m| m.contains(&a)) && messages.iter().any(|m| m.contains(&b)));
    for topics in ["", "run_none", "nonsense", &format!("{a},run_none")] {
        let answer = world
            .api(
                Method::GET,
                &format!("/api/v1/events?topics={topics}"),
                None,
            )
            .await;
        assert!(answer.status.is_client_error(), "{topics}");
    }
}

#[tokio::test]
async fn a_page_of_events_as_json() {
    let world = World::new().await;
    let run = run_with_events(&world, 5).await;
    let path = format!("/api/v1/runs/{run}/events?limit=3");
    let request = request(Method::GET, &path)
        .header("authorization", format!("Bearer {}", world.key))
        .header("accept", "application/json");
    let answer = world.call(request.body(Body::empty()).unwrap()).await;
    let page = answer.json();
    assert_eq!(page["data"].as_array().unwrap().len(), 3);
    assert_eq!(page["has_more"], true);
    assert_eq!(page["last_id"], format!("{run}:3"));
}
