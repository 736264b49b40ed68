//! Health and metrics: what is told, to whom, and in time when the database hangs.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Method, StatusCode};
use hanok_store::StoreError;

use crate::stand_in;
use crate::world::{Answer, METRICS, World, request};

async fn from(world: &World, path: &str, peer: &str, headers: &[(&str, &str)]) -> Answer {
    let mut request = request(Method::GET, path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let peer: SocketAddr = peer.parse().unwrap();
    let request = request.extension(ConnectInfo(peer));
    world.call(request.body(Body::empty()).unwrap()).await
}

async fn near(world: &World, path: &str) -> Answer {
    from(world, path, "127.0.0.1:5000", &[]).await
}

/// Holds every connection that reads, as a database that hangs would.
fn hang(world: &World) -> Vec<tokio::task::JoinHandle<()>> {
    let held = (0..8).map(|_| {
        let store = world.store.clone();
        tokio::spawn(async move {
            let for_ever = store.read(|tx| async move {
                tx.now().await?;
                std::future::pending::<Result<(), StoreError>>().await
            });
            let _ = for_ever.await;
        })
    });
    held.collect()
}

#[tokio::test]
async fn health_names_every_service() {
    let world = World::new().await;
    for path in ["/health", "/api/v1/health"] {
        let answer = near(&world, path).await;
        assert_eq!(answer.status, StatusCode::OK);
        let body = answer.json();
        // No worker has come yet, which is not the server's death.
        assert_eq!(body["status"], "degraded", "{body}");
        for (name, word) in [
            ("database", "up"),
            ("objects", "up"),
            ("queue", "up"),
            ("workers", "down"),
        ] {
            assert_eq!(body["services"][name], word, "{name}: {body}");
        }
    }
    let ready = near(&world, "/health/ready").await;
    assert_eq!(ready.status, StatusCode::SERVICE_UNAVAILABLE);
    let _host = stand_in::start(&world).await;
    assert_eq!(near(&world, "/health").await.json()["status"], "up");
    for path in ["/health/ready", "/_stcore/health"] {
        assert_eq!(near(&world, path).await.status, StatusCode::OK, "{path}");
    }
    world.stop.cancel();
    let ready = near(&world, "/health/ready").await;
    assert_eq!(ready.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(near(&world, "/health").await.status, StatusCode::OK);
}

#[tokio::test]
async fn detailed_health_has_status_latency_and_version_of_each() {
    let world = World::new().await;
    let _host = stand_in::start(&world).await;
    let answer = near(&world, "/health/detailed").await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    let components = &answer.json()["components"];
    for name in ["database", "objects", "queue", "workers"] {
        assert_eq!(components[name]["status"], "up", "{name}");
        assert!(components[name]["latency_ms"].is_number(), "{name}");
    }
    let version = components["database"]["version"].as_str().unwrap();
    assert!(version.starts_with("SQLite 3."), "{version}");
    assert!(components["database"]["migrations"].as_i64().unwrap() > 0);
    assert!(components["objects"]["free_bytes"].as_u64().unwrap() > 0);
    assert_eq!(components["workers"]["host"], 1);
}

#[tokio::test]
async fn a_database_that_hangs_does_not_hang_health() {
    let world = World::new().await;
    let _host = stand_in::start(&world).await;
    let held = hang(&world);
    // The spawned readers take every connection before the first question.
    for _ in 0..50 {
        tokio::task::yield_now().await;
    }
    let mut last = Answer::default();
    for _ in 0..20 {
        let began = Instant::now();
        last = near(&world, "/health").await;
        assert!(
            began.elapsed() < Duration::from_millis(100),
            "{:?}",
            began.elapsed()
        );
        assert_eq!(last.status, StatusCode::OK);
        if last.json()["services"]["database"] == "down" {
            break;
        }
    }
    assert_eq!(last.json()["services"]["database"], "down", "{}", last.text);
    assert_eq!(last.json()["services"]["objects"], "up");
    let began = Instant::now();
    for path in ["/health/ready", "/health/detailed"] {
        let answer = near(&world, path).await;
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{path}");
    }
    assert_eq!(near(&world, "/health/live").await.status, StatusCode::OK);
    let metrics = near(&world, "/metrics").await;
    assert!(
        metrics.text.contains("hanok_database_up 0\n"),
        "{}",
        metrics.text
    );
    assert!(metrics.text.contains("hanok_process_open_fds "));
    assert!(
        began.elapsed() < Duration::from_secs(8),
        "{:?}",
        began.elapsed()
    );
    held.iter().for_each(tokio::task::JoinHandle::abort);
}

#[tokio::test]
async fn f07s_metrics_docs_and_details_are_open_on_loopback_only() {
    let world = World::new().await;
    let key = format!("Bearer {}", world.key);
    let token = format!("Bearer {METRICS}");
    for path in [
        "/metrics",
        "/api/v1/metrics",
        "/openapi.json",
        "/docs",
        "/health/detailed",
    ] {
        let open = [StatusCode::OK, StatusCode::SERVICE_UNAVAILABLE];
        let answer = near(&world, path).await;
        assert!(open.contains(&answer.status), "{path} {}", answer.status);
        let far = from(&world, path, "192.0.2.1:5000", &[]).await;
        let shut = [StatusCode::UNAUTHORIZED, StatusCode::SEE_OTHER];
        assert!(shut.contains(&far.status), "{path} {}", far.status);
        let passed_on = [("x-forwarded-for", "192.0.2.1")];
        let proxied = from(&world, path, "127.0.0.1:5000", &passed_on).await;
        assert!(shut.contains(&proxied.status), "{path} {}", proxied.status);
        let known = [("authorization", key.as_str())];
        let known = from(&world, path, "192.0.2.1:5000", &known).await;
        assert!(open.contains(&known.status), "{path} {}", known.status);
        let scraper = [("authorization", token.as_str())];
        let scraper = from(&world, path, "192.0.2.1:5000", &scraper).await;
        assert_eq!(
            open.contains(&scraper.status),
            path.ends_with("metrics"),
            "{path}"
        );
    }
}

#[tokio::test]
async fn metrics_count_requests_by_template_and_never_by_path() {
    let world = World::new().await;
    for i in 0..5 {
        world
            .api(Method::GET, &format!("/api/v1/runs/run_{i}"), None)
            .await;
        world.api(Method::GET, &format!("/made/up/{i}"), None).await;
    }
    world
        .api(Method::from_bytes(b"BREW").unwrap(), "/api/v1/runs", None)
        .await;
    let text = near(&world, "/metrics").await.text;
    let counted =
        "hanok_http_requests_total{method=\"GET\",route=\"/api/v1/runs/{id}\",status=\"404\"} 5";
    assert!(text.contains(counted), "{text}");
    let counted = "hanok_http_requests_total{method=\"GET\",route=\"none\",status=\"404\"} 5";
    assert!(text.contains(counted), "{text}");
    assert!(!text.contains("run_3") && !text.contains("made/up") && !text.contains("BREW"));
    let sum =
        "hanok_http_request_duration_seconds_count{method=\"GET\",route=\"/api/v1/runs/{id}\"} 5";
    assert!(text.contains(sum), "{text}");
    for name in [
        "hanok_build_info{version=\"test\"} 1",
        "hanok_jobs{kind=\"run.train\",state=\"queued\"} 0",
        "hanok_workers{role=\"host\",state=\"ready\"} 0",
        "hanok_objects_bytes 0",
        "hanok_event_streams_open 0",
        "hanok_database_up 1",
    ] {
        assert!(text.contains(name), "{name} is not in\n{text}");
    }
    // Every line is a comment, or a name with labels and one number.
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let (name, value) = line.rsplit_once(' ').unwrap();
        assert!(name.starts_with("hanok_"), "{line}");
        assert!(value.parse::<f64>().is_ok(), "{line}");
    }
}

#[tokio::test]
async fn what_is_switched_off_is_not_there() {
    let world = World::with(|config| {
        config.metrics = false;
        config.docs = false;
    })
    .await;
    for path in ["/metrics", "/api/v1/metrics", "/openapi.json", "/docs"] {
        let answer = near(&world, path).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
    }
}
