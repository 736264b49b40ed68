//! A stream of events is cut by the server's death and taken up where it ended; an answer that is cut by it
//! is metered as far as it is known.

use futures_util::StreamExt;
use hanok_protocol::lease::{LeaseRef, NewEvent, PostEvents};
use hanok_store::lock::{self, ServerAddress};
use hanok_testkit::on_each_database;
use serde_json::json;

use super::enqueue::order;
use super::place::Place;
use super::publish;
use crate::home::Home;

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

fn served_at(home: &Home) -> ServerAddress {
    let address = lock::read_address(&home.data());
    address.expect("an address").expect("a server")
}

#[tokio::test(flavor = "multi_thread")]
async fn f06_an_answer_cut_by_the_servers_death_is_in_the_usage() {
    let mut home = Home::served();
    let http = reqwest::Client::new();
    let found = served_at(&home);
    let question = json!({
        "model": "hanok-decoder", "prompt": "What", "stream": true, "max_tokens": 200, "n": 4,
    });
    let address = format!("{}/v1/completions", found.url);
    let request = http.post(address).bearer_auth(&found.token).json(&question);
    let mut answer = request.send().await.expect("sent").bytes_stream();
    let first = answer.next().await.expect("a piece").expect("bytes");
    assert!(first.starts_with(b"data: "), "{first:?}");
    // What stands still cannot come to its end before the server does.
    let hosts = home.workers("host");
    assert!(!hosts.is_empty());
    for host in &hosts {
        // SAFETY: a signal to a process of this test.
        unsafe { libc::kill(*host, libc::SIGSTOP) };
    }
    home.end_server(libc::SIGKILL);
    for host in &hosts {
        // SAFETY: as above.
        unsafe { libc::kill(*host, libc::SIGKILL) };
    }
    let rest = answer.collect::<Vec<_>>().await;
    assert!(rest.last().is_some_and(Result::is_err), "an orderly end");
    home.serve(&[]);
    let found = served_at(&home);
    let request = http.get(format!("{}/api/v1/usage", found.url));
    let usage = request.bearer_auth(&found.token).send().await;
    let usage: serde_json::Value = usage.expect("sent").json().await.expect("a list");
    let rows = usage["data"].as_array().expect("rows");
    assert_eq!(rows.len(), 1, "{usage}");
    assert_eq!(rows[0]["status"], 499, "{usage}");
    assert!(rows[0]["prompt_tokens"].as_i64() > Some(0), "{usage}");
}
