//! C08: answers are bounded in size, headers, time and pace; who is down is asked again a little.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use bytes::Bytes;
use hanok_domain::fault::{Fault, FaultKind};
use hanok_remote::{Config, Remote, Request, Trust};
use tokio::io::AsyncWriteExt;

use crate::server::{Names, Server, head, ok, remote_with};

fn own(change: impl FnOnce(&mut Config)) -> Remote {
    remote_with(&Arc::new(Names::default()), &[], change)
}

async fn body(remote: &Remote, port: u16) -> Result<Bytes, Fault> {
    let url = format!("http://127.0.0.1:{port}/");
    let answer = remote.send(Request::get(url, Trust::Operator)).await?;
    answer.bytes().await
}

/// Begins an answer and goes on with the same bytes for ever.
async fn endless(head: &'static str, part: &'static [u8], pause: Duration) -> Server {
    Server::raw(move |mut stream, _| async move {
        let _ = stream.write_all(head.as_bytes()).await;
        while stream.write_all(part).await.is_ok() {
            tokio::time::sleep(pause).await;
        }
    })
    .await
}

const PLAIN: &str = "HTTP/1.1 200 OK\r\n\r\n";

#[tokio::test]
async fn c08_an_endless_body_ends_at_the_cap() {
    let server = endless(PLAIN, &[b'x'; 64 << 10], Duration::ZERO).await;
    let remote = own(|config| config.max_bytes = 1 << 20);
    let fault = body(&remote, server.port).await.unwrap_err();
    assert_eq!(fault.code, "upstream_too_large");
}

#[tokio::test]
async fn c08_a_length_beyond_the_cap_is_not_waited_for() {
    let server =
        Server::start(|_| b"HTTP/1.1 200 OK\r\ncontent-length: 99999999999\r\n\r\n".into());
    let server = server.await;
    let fault = body(&own(|_| {}), server.port).await.unwrap_err();
    assert_eq!(fault.code, "upstream_too_large");
    let small = Server::start(|_| ok("0123456789")).await;
    let url = format!("http://127.0.0.1:{}/", small.port);
    let request = Request::get(url, Trust::Operator).at_most(9);
    let fault = own(|_| {}).send(request).await.err().unwrap();
    assert_eq!(fault.code, "upstream_too_large");
}

#[tokio::test]
async fn c08_a_body_that_crawls_is_left() {
    let server = endless(PLAIN, b"x", Duration::from_millis(10)).await;
    let remote = own(|config| {
        config.floor_window = Duration::from_millis(300);
        config.floor_bytes = 10_000;
    });
    let fault = body(&remote, server.port).await.unwrap_err();
    assert_eq!(
        (fault.kind, fault.code.as_ref()),
        (FaultKind::UpstreamTimeout, "upstream_timeout")
    );
    assert!(fault.message.contains("slowly"), "{fault}");
}

#[tokio::test]
async fn c08_silence_before_and_within_the_answer_ends() {
    let never = Server::raw(|stream, _| async move {
        let _kept = stream;
        std::future::pending::<()>().await;
    });
    let never = never.await;
    let stalled = endless(
        "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n",
        b"",
        Duration::from_secs(1),
    );
    let stalled = stalled.await;
    for port in [never.port, stalled.port] {
        let quick = own(|config| config.read = Duration::from_millis(200));
        assert_eq!(
            body(&quick, port).await.unwrap_err().code,
            "upstream_timeout"
        );
        let bounded = own(|config| config.total = Duration::from_millis(200));
        assert_eq!(
            body(&bounded, port).await.unwrap_err().code,
            "upstream_timeout"
        );
    }
}

#[tokio::test]
async fn c08_packed_bodies_are_neither_asked_for_nor_unpacked() {
    let server = Server::start(|_| head("200 OK", "content-encoding: gzip\r\n")).await;
    let fault = body(&own(|_| {}), server.port).await.unwrap_err();
    assert_eq!(fault.code, "upstream_failed");
    assert!(
        server.came()[0].contains("accept-encoding: identity"),
        "{:?}",
        server.came()
    );
}

#[tokio::test]
async fn c08_a_hundred_thousand_headers_are_not_read() {
    let many: String = (0..100_000).map(|i| format!("x-{i}: y\r\n")).collect();
    let server = Server::start(move |_| head("200 OK", &many)).await;
    let fault = body(&own(|_| {}), server.port).await.unwrap_err();
    assert_eq!(fault.code, "upstream_failed");
    let long = format!("x: {}\r\n", "y".repeat(8 << 20));
    let server = Server::start(move |_| head("200 OK", &long)).await;
    assert_eq!(
        body(&own(|_| {}), server.port).await.unwrap_err().code,
        "upstream_failed"
    );
}

#[tokio::test]
async fn c08_what_is_no_answer_is_a_fault_of_the_other_side() {
    for garbage in [
        "",
        "garbage",
        "HTTP/9.9 200 OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nx",
    ] {
        let server = Server::start(move |_| garbage.into()).await;
        let fault = body(&own(|config| config.retries = 0), server.port)
            .await
            .unwrap_err();
        assert_eq!(fault.kind, FaultKind::Upstream, "{garbage:?}");
    }
    let server = Server::start(|_| ok("no json")).await;
    let url = format!("http://127.0.0.1:{}/", server.port);
    let answer = own(|_| {})
        .send(Request::get(url, Trust::Operator))
        .await
        .unwrap();
    let fault = answer.json::<Vec<String>>().await.unwrap_err();
    assert!(!fault.message.contains("no json"), "{fault}");
}

#[tokio::test]
async fn who_is_down_for_a_moment_is_asked_again_but_only_what_can_be_repeated() {
    let flaky = |calls: Arc<AtomicU32>| {
        move |_: &str| match calls.fetch_add(1, Ordering::Relaxed) % 3 {
            2 => ok("up"),
            _ => head("503 Unavailable", ""),
        }
    };
    let calls = Arc::new(AtomicU32::new(0));
    let server = Server::start(flaky(calls.clone())).await;
    assert_eq!(body(&own(|_| {}), server.port).await.unwrap(), "up");
    assert_eq!(calls.load(Ordering::Relaxed), 3);
    let url = format!("http://127.0.0.1:{}/", server.port);
    let post = Request::post_json(url, Trust::Operator, &1).unwrap();
    let answer = own(|_| {}).send(post).await.unwrap();
    assert_eq!(answer.status(), 503);
    assert_eq!(calls.load(Ordering::Relaxed), 4);
    assert_eq!(answer.success().err().unwrap().kind, FaultKind::Upstream);
}

#[tokio::test]
async fn one_origin_that_hangs_holds_up_no_other() {
    let hanging = Server::raw(|stream, _| async move {
        let _kept = stream;
        std::future::pending::<()>().await;
    });
    let (hanging, fine) = (hanging.await, Server::start(|_| ok("fine")).await);
    let remote = own(|config| config.per_origin = 1);
    let url = format!("http://127.0.0.1:{}/", hanging.port);
    let first = tokio::spawn({
        let (remote, url) = (remote.clone(), url.clone());
        async move {
            remote
                .send(Request::get(url, Trust::Operator))
                .await
                .map(drop)
        }
    });
    while hanging.came().is_empty() {
        tokio::task::yield_now().await;
    }
    let fault = remote
        .send(Request::get(url, Trust::Operator))
        .await
        .err()
        .unwrap();
    assert_eq!(
        (fault.kind, fault.code.as_ref()),
        (FaultKind::Overloaded, "upstream_busy")
    );
    assert_eq!(body(&remote, fine.port).await.unwrap(), "fine");
    first.abort();
}
