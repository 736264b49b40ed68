//! Many at once, and input that is made to break things: memory stays bounded, the process lives.

use bytes::Bytes;
use futures_util::future::join_all;
use futures_util::stream;
use hanok_testkit::on_each_database;
use reqwest::Body;
use reqwest::multipart::{Form, Part};

use super::place::Place;

const MEGABYTE: usize = 1 << 20;
/// Together ten times what they may take.
const UPLOADS: usize = 8;
const UPLOAD_MB: usize = 80;
const STREAMS: usize = 300;
/// Buffers of uploads and streams, generously.
const ALLOWED_MB: u64 = 64;

/// A figure of the server's, MB.
fn memory(place: &Place, name: &str) -> u64 {
    let path = format!("/proc/{}/status", place.process());
    let status = std::fs::read_to_string(path).expect("a process");
    let line = status.lines().find(|line| line.starts_with(name));
    let words = line.expect("a figure").split_whitespace().nth(1);
    words.expect("a figure").parse::<u64>().expect("a number") / 1024
}

async fn upload(place: &Place, number: usize) {
    let chunk = Bytes::from(vec![number as u8; MEGABYTE]);
    let chunks = (0..UPLOAD_MB).map(move |_| Ok::<_, std::io::Error>(chunk.clone()));
    let part = Part::stream(Body::wrap_stream(stream::iter(chunks)));
    let part = part.file_name(format!("{number}.bin"));
    let form = Form::new().text("purpose", "user_data").part("file", part);
    let request = place.http.post(format!("{}/v1/files", place.base));
    let (status, answer) = place
        .send(request.multipart(form))
        .await
        .expect("an answer");
    assert_eq!(status, 200, "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn f73_many_uploads_and_streams_take_bounded_memory() {
    on_each_database(async |database| {
        let mut place = Place::new(&database);
        let dataset = place.dataset();
        place.start().await;
        upload(&place, 0).await;
        let before = memory(&place, "VmRSS");
        let open = (0..STREAMS).map(|_| {
            let request = place
                .http
                .get(format!("{}/api/v1/events?topics={dataset}", place.base));
            request.bearer_auth(&place.token).send()
        });
        let open = join_all(open).await;
        let well = |answer: &reqwest::Result<reqwest::Response>| {
            answer.as_ref().is_ok_and(|a| a.status().is_success())
        };
        assert!(open.iter().all(well));
        let place = &place;
        join_all((1..=UPLOADS).map(|number| upload(place, number))).await;
        let most = memory(place, "VmHWM");
        assert!(
            most <= before + ALLOWED_MB,
            "{before} MB before, {most} MB at most"
        );
        drop(open);
        place.oracle().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn f15_json_of_any_depth_is_refused_and_the_process_lives() {
    on_each_database(async |database| {
        let mut place = Place::new(&database);
        place.start().await;
        let depth = 100_000;
        let bodies = [
            "[".repeat(depth),
            format!("{}{}", "[".repeat(depth), "]".repeat(depth)),
            format!("{}1{}", "{\"a\":".repeat(depth), "}".repeat(depth)),
            format!("{{\"params\":{}1{}}}", "[".repeat(depth), "]".repeat(depth)),
        ];
        for path in [
            "/api/v1/runs",
            "/api/v1/models",
            "/v1/chat/completions",
            "/v1/classify",
            "/v1/fine_tuning/jobs",
            "/api/v1/fsck",
        ] {
            for body in &bodies {
                let request = place.http.post(format!("{}{path}", place.base));
                let request = request
                    .bearer_auth(&place.token)
                    .header("content-type", "application/json")
                    .body(body.clone());
                let answer = request.send().await.expect("an answer");
                let status = answer.status().as_u16();
                assert!([400, 422].contains(&status), "{path}: {status}");
                assert!(answer.headers().contains_key("x-request-id"));
            }
        }
        place.oracle().await;
    })
    .await;
}
