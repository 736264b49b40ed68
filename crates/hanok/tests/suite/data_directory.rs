//! What a data directory holds once a server has run in it, who may read it, and what a server says of
//! itself over a socket.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::{Duration, Instant};

use crate::home::Home;

fn mode(path: &Path) -> u32 {
    let metadata = std::fs::metadata(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    metadata.permissions().mode() & 0o777
}

/// Status and body of a GET.
fn get(home: &Home, path: &str) -> (u16, String) {
    let address = hanok_store::lock::read_address(&home.data()).expect("an address");
    let url = address.expect("a server").url;
    let host = url.strip_prefix("http://").expect("plain HTTP");
    let mut socket = TcpStream::connect(host).expect("a connection");
    let request = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
    socket.write_all(request.as_bytes()).expect("to write");
    let mut answer = String::new();
    socket.read_to_string(&mut answer).expect("to read");
    let status = answer[9..12].parse().expect("a status");
    let body = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body);
    (status, body.to_owned())
}

#[test]
fn folders_are_private_secrets_more_so_and_the_log_is_kept() {
    let home = Home::served();
    let data = home.data();
    for folder in [
        "", "objects", "models", "runs", "logs", "tmp", "secrets", "run",
    ] {
        assert_eq!(mode(&data.join(folder)), 0o700, "{folder}");
    }
    let secret = data.join("secrets").join("admin-secret");
    let begun = Instant::now();
    while !secret.exists() && begun.elapsed() < Duration::from_secs(20) {
        std::thread::sleep(Duration::from_millis(20));
    }
    assert_eq!(mode(&secret), 0o600);
    assert_eq!(mode(&data.join("hanok.db")), 0o600);
    let log = data.join("logs").join("hanok.log");
    assert_eq!(mode(&log), 0o600);
    assert_eq!(get(&home, "/api/v1/me").0, 401);
    let lines = std::fs::read_to_string(&log).expect("a log");
    assert!(lines.contains("/api/v1/me"), "{lines}");
    let secret = std::fs::read_to_string(secret).expect("a secret");
    assert!(!lines.contains(secret.trim()), "the log tells the secret");
}

#[test]
fn a_server_tells_how_it_is_to_whoever_is_near() {
    let home = Home::served();
    let begun = Instant::now();
    while get(&home, "/health/ready").0 != 200 {
        assert!(begun.elapsed() < Duration::from_secs(30), "never ready");
        std::thread::sleep(Duration::from_millis(20));
    }
    let begun = Instant::now();
    let (status, body) = get(&home, "/health");
    assert!(
        begun.elapsed() < Duration::from_millis(100),
        "{:?}",
        begun.elapsed()
    );
    assert_eq!(status, 200);
    let health: serde_json::Value = serde_json::from_str(&body).expect("JSON");
    let up = ["audit", "cache", "database", "objects", "queue", "workers"];
    let up: serde_json::Map<_, _> = up
        .map(|name| (name.to_owned(), "up".into()))
        .into_iter()
        .collect();
    assert_eq!(health["services"], serde_json::Value::Object(up), "{body}");
    for path in ["/health/detailed", "/docs", "/openapi.json"] {
        assert_eq!(get(&home, path).0, 200, "{path}");
    }
    let (_, metrics) = get(&home, "/metrics");
    for line in [
        "hanok_workers{role=\"host\",state=\"ready\"} 1\n",
        "hanok_database_up 1\n",
        "hanok_http_requests_total{method=\"GET\",route=\"/health\",status=\"200\"} 1\n",
    ] {
        assert!(metrics.contains(line), "{line} is not in\n{metrics}");
    }
}
