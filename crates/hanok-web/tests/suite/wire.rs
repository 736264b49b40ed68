//! Bytes on a connection as no well-behaved client sends them: each ends in a refusal and a closed
//! connection, never in a second reading (row F01s), and nobody keeps a connection waiting for ever.

use std::net::SocketAddr;
use std::time::Duration;

use hanok_web::server::{Patience, Wire, serve_over};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::world::World;

const LONG: Duration = Duration::from_secs(30);

/// A listener that waits as long as it is told.
async fn listen(world: &World, patience: Patience) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let halt = CancellationToken::new();
    let router = world.router.clone();
    tokio::spawn(serve_over(listener, Wire::Plain, patience, router, halt));
    address
}

/// Sends bytes and reads until the other side closes.
async fn say(address: SocketAddr, bytes: &[u8]) -> String {
    let mut socket = TcpStream::connect(address).await.unwrap();
    // A server that has refused already may not take the rest.
    let _ = socket.write_all(bytes).await;
    heard(&mut socket).await
}

async fn heard(socket: &mut TcpStream) -> String {
    let mut all = Vec::new();
    let read = timeout(LONG, socket.read_to_end(&mut all)).await;
    read.expect("the connection was closed").ok();
    String::from_utf8_lossy(&all).into_owned()
}

fn status(answer: &str) -> &str {
    answer.split(' ').nth(1).unwrap_or_default()
}

/// A request with a second one hidden behind it.
fn request(headers: &str, body: &str) -> String {
    let hidden = "GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n";
    format!("POST /v1/embeddings HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n{body}{hidden}")
}

#[tokio::test]
async fn f01s_what_can_be_read_in_two_ways_is_refused_and_closed() {
    let world = World::new().await;
    let address = world.listen().await;
    let long = "0\r\n\r\n";
    for (what, headers, body) in [
        (
            "CL and TE",
            "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n",
            long,
        ),
        (
            "TE and CL",
            "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n",
            long,
        ),
        (
            "two CL",
            "Content-Length: 4\r\nContent-Length: 5\r\n",
            "abcd",
        ),
        (
            "CL twice",
            "Content-Length: 4\r\nContent-Length: 4\r\n",
            "abcd",
        ),
        ("CL list", "Content-Length: 4, 4\r\n", "abcd"),
        ("signed CL", "Content-Length: +4\r\n", "abcd"),
        (
            "chunked, identity",
            "Transfer-Encoding: chunked, identity\r\n",
            long,
        ),
        (
            "identity, chunked",
            "Transfer-Encoding: identity, chunked\r\n",
            long,
        ),
        (
            "TE twice",
            "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
            long,
        ),
        ("odd TE", "Transfer-Encoding: \x0bchunked\r\n", long),
        ("bare LF", "X-A: b\nContent-Length: 4\r\n", "abcd"),
        ("bare CR", "X-A: b\rContent-Length: 4\r\n", "abcd"),
        ("blank before colon", "Content-Length : 4\r\n", "abcd"),
        ("folded", "X-A: b\r\n Content-Length: 4\r\n", "abcd"),
        ("no name", ": b\r\n", ""),
        ("NUL", "X-A: \0\r\n", ""),
    ] {
        let answer = say(address, request(headers, body).as_bytes()).await;
        assert_eq!(status(&answer), "400", "{what}: {answer}");
        assert_eq!(answer.matches("HTTP/1.1").count(), 1, "{what}: {answer}");
    }
    let bare = say(address, b"GET /health/live HTTP/1.1\nHost: localhost\n\n").await;
    assert_eq!(status(&bare), "400", "{bare}");
}

#[tokio::test]
async fn f01s_chunks_with_anything_but_a_size_are_refused_and_closed() {
    let world = World::new().await;
    let address = world.listen().await;
    let key = &world.key;
    let headers = format!(
        "Authorization: Bearer {key}\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n"
    );
    for body in [
        "2;ext=1\r\n{}\r\n0\r\n\r\n",
        "2 \r\n{}\r\n0\r\n\r\n",
        "2\n{}\r\n0\r\n\r\n",
        "2\r\n{}x\r\n0\r\n\r\n",
        "0x2\r\n{}\r\n0\r\n\r\n",
        "-2\r\n{}\r\n0\r\n\r\n",
        "ffffffffffffffffff\r\n{}\r\n0\r\n\r\n",
    ] {
        let answer = say(address, request(&headers, body).as_bytes()).await;
        assert_eq!(status(&answer), "400", "{body:?}: {answer}");
        assert_eq!(answer.matches("HTTP/1.1 ").count(), 1, "{body:?}: {answer}");
    }
    // What is refused above is refused for its chunks alone.
    let sound = request(&headers, "2\r\n{}\r\n0\r\n\r\n") + "GET / HTTP/1.1\r\nHost: localhost\nX";
    let answer = say(address, sound.as_bytes()).await;
    assert_eq!(status(&answer), "422", "{answer}");
    assert!(answer.contains("HTTP/1.1 200"), "{answer}");
}

#[tokio::test]
async fn f01s_too_many_or_too_long_headers_are_a_431() {
    let world = World::new().await;
    let address = world.listen().await;
    let with = |headers: String| {
        format!(
            "GET /health/live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{headers}\r\n"
        )
    };
    let many = |count: usize| {
        (0..count)
            .map(|n| format!("X-{n}: a\r\n"))
            .collect::<String>()
    };
    let long = |bytes: usize| format!("X-Long: {}\r\n", "a".repeat(bytes));
    for (headers, expected) in [
        (many(98), "200"),
        (many(99), "431"),
        (long(60 << 10), "200"),
        (long(64 << 10), "431"),
        (long(1 << 20), "431"),
    ] {
        let length = headers.len();
        let answer = say(address, with(headers).as_bytes()).await;
        assert_eq!(status(&answer), expected, "{length}: {answer}");
    }
}

#[tokio::test]
async fn whoever_falls_silent_is_let_go() {
    let world = World::new().await;
    let brief = Duration::from_millis(300);
    let patience = Patience {
        headers: brief,
        ..Patience::default()
    };
    let address = listen(&world, patience).await;
    // Half a head, and a connection that nobody uses any more.
    say(address, b"GET /health/live HTTP/1.1\r\nHost: loc").await;
    let answer = say(
        address,
        b"GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n",
    )
    .await;
    assert_eq!(status(&answer), "200", "{answer}");
    let patience = Patience {
        body: brief,
        ..Patience::default()
    };
    let address = listen(&world, patience).await;
    let stalled = format!(
        "POST /v1/embeddings HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {}\r\n\
         Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{{",
        world.key
    );
    let answer = say(address, stalled.as_bytes()).await;
    assert_eq!(status(&answer), "408", "{answer}");
    assert!(answer.contains("body_too_slow"), "{answer}");
}
