//! An installation whose server dies and comes back, and the oracle that is asked after each death.

use std::fs::{File, OpenOptions};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use hanok_store::lock::read_address;
use hanok_testkit::TestDatabase;
use hanok_testkit::points::Points;
use reqwest::{Client, RequestBuilder};
use serde_json::{Value, json};

use super::tracing;
use crate::example;
use crate::home::Home;

/// Longest that a server may take to be ready.
const STARTS: Duration = Duration::from_secs(30);

/// An answer, whole: its status and its document.
pub type Answer = (u16, Value);

/// One installation.
pub struct Place {
    pub home: Home,
    pub points: Points,
    pub http: Client,
    pub base: String,
    pub token: String,
    database: Option<String>,
    /// `WORKER_LEASE`, if not the default.
    pub lease: Option<&'static str>,
    server: Option<Child>,
    /// A system call to be killed at by `strace` instead of a counted point, and the `strace`.
    pub traced: Option<&'static str>,
    tracer: Option<Child>,
}

impl Place {
    /// Without a server yet.
    pub fn new(database: &TestDatabase) -> Self {
        Self {
            home: Home::new(),
            points: Points::new(),
            http: Client::builder()
                .pool_max_idle_per_host(0)
                .no_proxy()
                .build()
                .expect("a client"),
            base: String::new(),
            token: String::new(),
            database: database.is_postgres().then(|| database.url()),
            lease: None,
            server: None,
            traced: None,
            tracer: None,
        }
    }

    /// The binary, told of this installation's database.
    pub fn command<const N: usize>(&self, args: [&str; N]) -> std::process::Command {
        let mut command = self.home.command(args);
        if let Some(url) = &self.database {
            command.env("DATABASE_URL", url);
        }
        if let Some(lease) = self.lease {
            command.env("WORKER_LEASE", lease);
        }
        command
    }

    /// A server without workers, whose points are counted.
    pub async fn start(&mut self) {
        let mut command = self.command(["serve", "--role", "gateway", "--port", "0"]);
        let (data, database) = (self.home.data(), self.database.as_deref());
        self.points.watch(&mut command, "serve", &data, database);
        self.launch(command).await;
    }

    /// A server without workers, whose calls are recorded.
    pub async fn start_recorded(&mut self) {
        let mut command = self.command(["serve", "--role", "gateway", "--port", "0"]);
        self.points.record(&mut command, "serve", &self.home.data());
        self.launch(command).await;
    }

    async fn launch(&mut self, mut command: std::process::Command) {
        command.stdout(Stdio::null()).stderr(self.log_file());
        let mut child = command.spawn().expect("a server");
        let begun = Instant::now();
        loop {
            assert!(begun.elapsed() < STARTS, "no server: {}", self.log());
            let ended = child.try_wait().expect("a child");
            assert!(ended.is_none(), "the server ended: {}", self.log());
            let address = read_address(&self.home.data()).ok().flatten();
            if let Some(address) = address.filter(|address| address.pid == child.id()) {
                (self.base, self.token) = (address.url, address.token);
                if self.lives().await {
                    break;
                }
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        self.server = Some(child);
    }

    /// The server's process.
    pub fn process(&self) -> u32 {
        self.server.as_ref().expect("a server").id()
    }

    /// Whether the server answers.
    pub async fn lives(&self) -> bool {
        let request = self.http.get(format!("{}/health/live", self.base));
        request.send().await.is_ok_and(|a| a.status().is_success())
    }

    /// Sends; nothing where the server died first.
    pub async fn send(&self, request: RequestBuilder) -> Option<Answer> {
        let answer = request.bearer_auth(&self.token).send().await.ok()?;
        let status = answer.status().as_u16();
        let body = answer.bytes().await.ok()?;
        Some((status, serde_json::from_slice(&body).unwrap_or_default()))
    }

    /// Reads a document that must be there.
    pub async fn get(&self, path: &str) -> Value {
        let answer = self.send(self.http.get(format!("{}{path}", self.base)));
        let (status, value) = answer.await.expect("an answer");
        assert_eq!(status, 200, "{path}: {value}");
        value
    }

    /// Posts a document, under a key if there is one.
    pub async fn post(&self, path: &str, key: Option<&str>, body: &Value) -> Option<Answer> {
        let mut request = self.http.post(format!("{}{path}", self.base)).json(body);
        if let Some(key) = key {
            request = request.header("idempotency-key", key);
        }
        self.send(request).await
    }

    /// Has the server killed before this point of what it does from now on.
    pub fn arm(&mut self, point: u64) {
        match self.traced {
            None => self.points.arm(point),
            Some(call) => {
                let server = self.server.as_ref().expect("a server").id();
                self.tracer = Some(tracing::attach(server, call, point));
            }
        }
    }

    /// Whether the server lives at the end of what was counted. No kill from now on.
    pub async fn outlived(&mut self) -> bool {
        let lived = self.lives().await;
        self.rest();
        // Its last point may have been passed between the two.
        lived && self.lives().await
    }

    /// No kill from now on.
    pub fn rest(&mut self) {
        self.points.rest();
        if let Some(tracer) = self.tracer.take() {
            tracing::detach(tracer);
        }
    }

    /// Waits for the end of a server that was killed.
    pub fn bury(&mut self) {
        let mut server = self.server.take().expect("a server");
        let status = server.wait().expect("its end");
        assert!(!status.success(), "the server was not killed");
    }

    /// Kills the server as it stands.
    pub fn kill(&mut self) {
        let server = self.server.as_mut().expect("a server");
        server.kill().expect("a signal");
        self.bury();
    }

    /// What must hold after anything: see the reliability rules. Says how many objects nobody names.
    pub async fn oracle(&self) -> u64 {
        let mut answer = None;
        // A connection that was kept from a killed server fails once when it is used again.
        for _ in 0..5 {
            answer = self.post("/api/v1/fsck", None, &json!({})).await;
            if answer.is_some() {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
        let (status, report) = answer.expect("an answer");
        assert_eq!(status, 200, "{report}");
        assert_eq!(report["clean"], true, "{report:#}");
        assert!(!self.log().contains("panicked"), "{}", self.log());
        report["unreferenced"]["count"].as_u64().expect("a count")
    }

    /// Stops the server in the ordinary way.
    pub fn stop(&mut self) {
        let mut server = self.server.take().expect("a server");
        crate::running::signal(&server, libc::SIGTERM);
        assert!(server.wait().expect("its end").success(), "{}", self.log());
    }

    /// A data set that is ready, made by the program's own workers.
    pub fn dataset(&self) -> String {
        self.home.write("own.csv", example::csv(60));
        let mut command = self.command(["dataset", "import", "own.csv", "--json"]);
        let out = command.output().expect("the binary");
        let said = String::from_utf8_lossy(&out.stderr).into_owned();
        let made: Value = serde_json::from_slice(&out.stdout).expect(&said);
        self.home.assert_no_server_stays();
        let id = made["id"].as_str().or(made["dataset"]["id"].as_str());
        id.unwrap_or_else(|| panic!("no id: {made}")).to_owned()
    }

    /// Where all processes of this place write what they say.
    pub fn log_file(&self) -> File {
        let mut log = OpenOptions::new();
        let log = log.create(true).append(true);
        log.open(self.home.path("serve.log")).expect("a log")
    }

    pub fn log(&self) -> String {
        std::fs::read_to_string(self.home.path("serve.log")).unwrap_or_default()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Some(mut server) = self.server.take() {
            let _ = server.kill();
            let _ = server.wait();
        }
    }
}
