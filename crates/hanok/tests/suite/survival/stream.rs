//! A stream of events is cut by the server's death and taken up where it ended.

use futures_util::StreamExt;
use hanok_protocol::lease::{LeaseRef, NewEvent, PostEvents};
use hanok_testkit::on_each_database;
use serde_json::json;

use super::enqueue::order;
use super::place::Place;
use super::publish;

/// Ids of the events after `last`, until there are `wanted`.
async fn follow(place: &Place, run: &str, last: Option<&str>, wanted: usize) -> Vec<String> {
    let address = format!("{}/api/v1/runs/{run}/events", place.base);
    let mut request = place.http.get(address).bearer_auth(&place.token);
    request = request.header("accept", "text/event-stream");
    if let Some(last) = last {
        request = request.header("last-event-id", last);
    }
    let answer = request.send().await.expect("a stream");
    assert_eq!(answer.status(), 200);
    let (mut text, mut stream) = (String::new(), answer.bytes_stream());
    loop {
        let ids: Vec<String> = text
            .split("\n\n")
            .filter(|event| event.contains("data:"))
            .filter_map(|event| event.lines().find_map(|line| line.strip_prefix("id: ")))
            .map(str::to_owned)
            .collect();
        if ids.len() >= wanted && text.ends_with("\n\n") {
            return ids;
        }
        let bytes = stream.next().await.expect("more").expect("bytes");
        text.push_str(&String::from_utf8_lossy(&bytes));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn f06_a_stream_goes_on_after_the_server_died() {
    on_each_database(async |database| {
        let mut place = Place::new(&database);
        let dataset = place.dataset();
        place.start().await;
        publish::register(&place).await;
        let made = place.post("/api/v1/runs", None, &order(&dataset, 1)).await;
        let run = made.expect("a run").1["id"]
            .as_str()
            .expect("an id")
            .to_owned();
        let assignment = publish::lease_training(&place).await;
        let tell = |from: u64| PostEvents {
            worker: publish::WORKER.to_owned(),
            lease: LeaseRef {
                job: assignment.job.clone(),
                epoch: assignment.epoch,
            },
            events: (from..from + 20)
                .map(|step| NewEvent {
                    kind: "metric".to_owned(),
                    data: json!({ "step": step }),
                })
                .collect(),
        };
        publish::tell(&place, "events", &tell(0))
            .await
            .expect("an answer");
        // Queued, running, and what the worker told.
        let before = follow(&place, &run, None, 22).await;
        let open = {
            let address = format!("{}/api/v1/runs/{run}/events", place.base);
            let request = place.http.get(address).bearer_auth(&place.token);
            let request = request.header("accept", "text/event-stream");
            request.send().await.expect("a stream")
        };
        place.kill();
        let cut = open.bytes_stream().collect::<Vec<_>>().await;
        assert!(
            cut.last().is_some_and(Result::is_err),
            "the end looked orderly"
        );
        place.start().await;
        publish::register(&place).await;
        publish::tell(&place, "events", &tell(20))
            .await
            .expect("an answer");
        let after = follow(&place, &run, before.last().map(String::as_str), 20).await;
        let mut all = before.clone();
        all.extend(after);
        assert_eq!(
            all,
            follow(&place, &run, None, 42).await,
            "a gap or a repeat"
        );
        place.oracle().await;
    })
    .await;
}
