//! Kept answers in Redis, and the bound on what a project stores.

use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::example;
use crate::home::Home;
use crate::language::Api;

pub struct Redis {
    child: Child,
    port: u16,
}

impl Redis {
    pub fn start() -> Option<Self> {
        let program = std::env::var("HANOK_TEST_REDIS").ok()?;
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        drop(listener);
        let child = Command::new(program)
            .args(["--bind", "127.0.0.1", "--save", "", "--appendonly", "no"])
            .args(["--requirepass", "of-the-test", "--port", &port.to_string()])
            .stdout(Stdio::null())
            .spawn()
            .expect("redis-server");
        let begun = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(begun.elapsed() < Duration::from_secs(10), "no Redis");
            std::thread::sleep(Duration::from_millis(10));
        }
        Some(Self { child, port })
    }

    /// Its address, with the password.
    pub fn url(&self) -> String {
        format!("redis://:of-the-test@127.0.0.1:{}/0", self.port)
    }

    /// Ends it at once.
    pub fn stop(&mut self) {
        self.child.kill().expect("killed");
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The figure of this name among those for monitoring.
fn figure(home: &Home, name: &str) -> u64 {
    let text = Api::of(home).text("/metrics", &[]);
    let line = text.lines().find(|line| line.starts_with(name));
    let line = line.unwrap_or_else(|| panic!("no {name}: {text}"));
    let value = line.split_whitespace().last().expect("a value");
    value.parse().expect(line)
}

fn rows(home: &Home, dataset: &Value) -> Value {
    let id = dataset["id"].as_str().expect("an id");
    Api::of(home).curl(&format!("/api/v1/datasets/{id}/rows?limit=5"), &[])
}

#[test]
fn f50_rows_are_kept_in_redis_and_nobody_notices_when_it_goes() {
    let Some(mut redis) = Redis::start() else {
        return;
    };
    let url = format!("redis://127.0.0.1:{}/0", redis.port);
    let home = Home::served_with(&[("REDIS_URL", &url), ("REDIS_PASSWORD", "of-the-test")]);
    home.write("own.csv", example::csv(60));
    let dataset = home.json(["dataset", "import", "own.csv", "--json"]);
    let first = rows(&home, &dataset);
    assert_eq!(rows(&home, &dataset), first);
    assert_eq!(figure(&home, "hanok_cache_hits_total"), 1);
    assert_eq!(figure(&home, "hanok_cache_failures_total"), 0);
    let health = Api::of(&home).curl("/health", &[]);
    assert_eq!(health["services"]["cache"], "up", "{health}");

    redis.child.kill().expect("killed");
    assert_eq!(rows(&home, &dataset), first, "without Redis");
    assert!(figure(&home, "hanok_cache_failures_total") > 0);
    let health = Api::of(&home).curl("/health", &[]);
    assert_eq!(health["services"]["cache"], "down", "{health}");
    let ready = Api::of(&home).text("/health/ready", &[]);
    assert!(ready.contains("up"), "{ready}");
    assert!(!home.log().contains("of-the-test"));
}

#[test]
fn what_a_project_stores_is_bounded() {
    let home = Home::served_with(&[("STORAGE_QUOTA", "1MB")]);
    home.write("small.csv", example::csv(60));
    home.json(["dataset", "import", "small.csv", "--json"]);
    home.write("large.csv", example::csv(40_000));
    let refused = home.run(["dataset", "import", "large.csv", "--json"]);
    assert_eq!(refused.code, Some(1), "{}", refused.stderr);
    assert!(
        refused.stdout.contains("quota_exceeded"),
        "{}",
        refused.stdout
    );
    assert!(
        refused.stderr.contains("STORAGE_QUOTA"),
        "{}",
        refused.stderr
    );
    let datasets = home.json(["dataset", "list", "--json"]);
    let all = datasets["data"].as_array().expect("a list");
    assert_eq!(all.len(), 1, "nothing half-made: {datasets}");
}

#[test]
fn uploads_at_once_pass_the_bound_no_more_than_one_by_one() {
    let home = Home::served_with(&[("STORAGE_QUOTA", "1MB")]);
    let running: Vec<_> = (0..6)
        .map(|n| {
            let name = format!("file{n}.csv");
            // Nothing in common, or they would be one object.
            let rows = example::csv(60) + &format!("{n}").repeat(400_000) + ",joy\n";
            home.write(&name, rows);
            home.start(["dataset", "import", &name, "--json"])
        })
        .collect();
    let outcomes: Vec<_> = running.into_iter().map(|run| run.finish()).collect();
    let refused = |out: &&crate::running::Outcome| out.stdout.contains("quota_exceeded");
    let refused = outcomes.iter().filter(refused).count();
    assert!((4..6).contains(&refused), "{outcomes:#?}");
}
