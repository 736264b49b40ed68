//! Our side of `cargo xtask bench stores`: `bench_api PROGRAM REQUESTS CONNECTIONS` starts the server PROGRAM
//! without workers, on what its environment names, and asks it over its real port with a real key. Prints
//! one line of JSON with processor time of the server per request.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use reqwest::Client;
use serde_json::{Value, json};

#[tokio::main]
async fn main() {
    let args: Vec<String> = std::env::args().collect();
    let [_, program, requests, connections] = args.as_slice() else {
        panic!("bench_api PROGRAM REQUESTS CONNECTIONS");
    };
    let requests: usize = requests.parse().expect("a number of requests");
    let connections: usize = connections.parse().expect("a number of connections");
    let dir = tempfile::tempdir().expect("a folder");
    let mut server = Command::new(program)
        .args(["serve", "--role", "gateway", "--port", "0"])
        .env("HANOK_DATA", dir.path())
        .env("LOG_LEVEL", "error")
        // Requests are counted as they always are, and none is refused.
        .env("RATE_LIMIT_REQUESTS_PER_MINUTE", "60000000")
        .stdout(Stdio::null())
        .spawn()
        .map(Server)
        .expect("a server");
    let address = address(dir.path(), &mut server.0);
    let key = key(&address).await;
    let bench = Bench {
        pid: server.0.id(),
        base: address.0.clone(),
        key,
        requests,
        connections,
    };
    bench.run(false).await;
    let (read, write) = (bench.run(false).await, bench.run(true).await);
    let line = json!({
        "read_cpu_ms": read.0, "read_per_s": read.1, "read_p99_ms": read.2,
        "write_cpu_ms": write.0, "write_per_s": write.1, "write_p99_ms": write.2,
        "version": concat!("Hanok ", env!("CARGO_PKG_VERSION")),
    });
    println!("{line}");
}

/// Ends with whoever asked it, also when they fail.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Address and local token of the server, once it has said them.
fn address(data: &Path, server: &mut Child) -> (String, String) {
    let begun = Instant::now();
    loop {
        if let Ok(Some(found)) = hanok_store::lock::read_address(data) {
            return (found.url, found.token);
        }
        let ended = server.try_wait().expect("a child");
        assert!(ended.is_none(), "the server ended: {ended:?}");
        assert!(begun.elapsed() < Duration::from_secs(30), "no server");
        std::thread::sleep(Duration::from_millis(20));
    }
}

async fn key((base, token): &(String, String)) -> String {
    let request = client().post(format!("{base}/api/v1/keys"));
    let request = request.bearer_auth(token).json(&json!({ "name": "bench" }));
    let answer: Value = request
        .send()
        .await
        .expect("sent")
        .json()
        .await
        .expect("a key");
    answer["key"]
        .as_str()
        .unwrap_or_else(|| panic!("{answer}"))
        .to_owned()
}

fn client() -> Client {
    Client::builder()
        .no_proxy()
        .tls_certs_only([])
        .build()
        .expect("a client")
}

struct Bench {
    pid: u32,
    base: String,
    key: String,
    requests: usize,
    connections: usize,
}

impl Bench {
    /// Processor milliseconds per request, requests per second, 99th percentile in milliseconds.
    async fn run(&self, write: bool) -> (f64, f64, f64) {
        let (processor, clock) = (cpu_seconds(self.pid), Instant::now());
        let share = self.requests / self.connections;
        let tasks: Vec<_> = (0..self.connections)
            .map(|_| tokio::spawn(ask(self.base.clone(), self.key.clone(), share, write)))
            .collect();
        let mut times = Vec::new();
        for task in tasks {
            times.extend(task.await.expect("no panic"));
        }
        let seconds = clock.elapsed().as_secs_f64();
        let processor = cpu_seconds(self.pid) - processor;
        times.sort_by(f64::total_cmp);
        let count = times.len() as f64;
        let p99 = times[times.len() * 99 / 100];
        (processor * 1000.0 / count, count / seconds, p99)
    }
}

/// Asks one after the other on one connection; the milliseconds of each.
async fn ask(base: String, key: String, count: usize, write: bool) -> Vec<f64> {
    let client = client();
    let mut times = Vec::with_capacity(count);
    for _ in 0..count {
        let began = Instant::now();
        let request = match write {
            true => client
                .post(format!("{base}/api/v1/keys"))
                .json(&json!({ "name": "one more" })),
            false => client.get(format!("{base}/api/v1/runs?limit=20")),
        };
        let answer = request.bearer_auth(&key).send().await.expect("an answer");
        assert!(answer.status().is_success(), "{}", answer.status());
        answer.bytes().await.expect("a body");
        times.push(began.elapsed().as_secs_f64() * 1000.0);
    }
    times
}

fn cpu_seconds(pid: u32) -> f64 {
    let text = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let after = text.rsplit_once(") ").map_or("", |(_, rest)| rest);
    let ticks = after.split_whitespace().skip(11).take(2);
    let ticks: f64 = ticks.filter_map(|t| t.parse::<f64>().ok()).sum();
    ticks / 100.0
}
