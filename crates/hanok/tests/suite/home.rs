//! A data directory that goes away by itself, and the binary run in it. A test that leaves a server
//! behind fails.

use std::ffi::OsStr;
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

use crate::running::{Outcome, Running, signal};

/// Longest that a server may take to end once nobody uses it.
const ENDS: Duration = Duration::from_secs(30);

/// Limits that would only measure how fast a test is.
const UNLIMITED: [&str; 4] = [
    "RATE_LIMIT_REQUESTS_PER_MINUTE",
    "RATE_LIMIT_EXPENSIVE_ENDPOINTS",
    "RATE_LIMIT_INFERENCE",
    "RATE_LIMIT_FAILED_CREDENTIALS",
];

/// A data directory and a folder for files.
pub struct Home {
    dir: TempDir,
    server: Option<Child>,
}

impl Home {
    /// A fresh one. Commands bring their own server up.
    pub fn new() -> Self {
        let dir = tempfile::tempdir().expect("a temporary folder");
        Self { dir, server: None }
    }

    /// A fresh one with a server that all its commands share.
    pub fn served() -> Self {
        Self::served_with(&[])
    }

    /// The same with settings of its own.
    pub fn served_with(settings: &[(&str, &str)]) -> Self {
        let mut home = Self::new();
        home.serve(settings);
        home
    }

    /// Starts a server, perhaps after another.
    pub fn serve(&mut self, settings: &[(&str, &str)]) {
        let mut command = self.command(["serve", "--port", "0"]);
        let log = File::options()
            .append(true)
            .create(true)
            .open(self.path("serve.log"));
        command
            .envs(settings.iter().copied())
            .stdout(Stdio::null())
            .stderr(log.expect("a file"));
        self.server = Some(command.spawn().expect("a server"));
        self.await_address();
    }

    /// Sends the server a signal and waits for its end.
    pub fn end_server(&mut self, how: i32) -> Option<i32> {
        let mut server = self.server.take()?;
        signal(&server, how);
        server.wait().expect("an end").code()
    }

    /// The server's process.
    pub fn server_pid(&self) -> i32 {
        let server = self.server.as_ref().expect("a server");
        i32::try_from(server.id()).expect("a process id")
    }

    /// The workers of this data directory that lease jobs.
    pub fn job_workers(&self) -> Vec<i32> {
        self.workers("jobs")
    }

    /// The workers of this data directory in a role.
    pub fn workers(&self, role: &str) -> Vec<i32> {
        let place = self.data().display().to_string();
        let pids = std::fs::read_dir("/proc").expect("a list of processes");
        let pids = pids.flatten().filter_map(|entry| {
            let pid: i32 = entry.file_name().to_str()?.parse().ok()?;
            let line = std::fs::read_to_string(entry.path().join("cmdline")).ok()?;
            let words: Vec<&str> = line.split('\0').collect();
            let ours = words.contains(&role) && words.contains(&place.as_str());
            ours.then_some(pid)
        });
        pids.collect()
    }

    /// What the workers that run now have said.
    pub fn worker_words(&self) -> String {
        let logs = std::fs::read_dir(self.data().join("logs")).expect("a folder");
        let logs = logs.flatten().map(|entry| entry.path());
        let workers = logs.filter(|path| path.display().to_string().contains("worker-"));
        workers
            .map(|path| std::fs::read_to_string(path).unwrap_or_default())
            .collect()
    }

    /// What all servers and workers said.
    pub fn log(&self) -> String {
        self.read("serve.log")
    }

    fn await_address(&self) {
        let begun = Instant::now();
        while !self.is_served() {
            assert!(
                begun.elapsed() < ENDS,
                "no server: {}",
                self.read("serve.log")
            );
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    fn file(&self, name: &str) -> File {
        File::create(self.path(name)).expect("a file")
    }

    fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap_or_default()
    }

    /// The data directory.
    pub fn data(&self) -> PathBuf {
        self.dir.path().join("data")
    }

    /// A place beside the data directory.
    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// Writes a file beside the data directory.
    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        self.file(name).write_all(content.as_ref()).expect("a file");
        path
    }

    /// The binary, told of nothing but this data directory.
    pub fn command<S: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = S>) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_hanok"));
        let mine = [
            "HANOK_URL",
            "HANOK_KEY",
            "HOST",
            "DATABASE_URL",
            "DATABASE_PATH",
            "APP_ENV",
            "LOG_LEVEL",
        ];
        mine.iter().for_each(|name| {
            command.env_remove(name);
        });
        command
            .args(args)
            .env("HANOK_DATA", self.data())
            .env("PORT", "0")
            // A test calls as often as it likes; what limits do is a test of its own.
            .envs(UNLIMITED.map(|name| (name, "0")))
            .current_dir(self.dir.path())
            .stdin(Stdio::null());
        command
    }

    /// Runs the binary to its end.
    pub fn run<S: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = S>) -> Outcome {
        Running::start(self.command(args)).finish()
    }

    /// Starts the binary and follows what it prints.
    pub fn start<S: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = S>) -> Running {
        Running::start(self.command(args))
    }

    /// The same with a terminal on standard input and standard error.
    pub fn start_on_terminal<S: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = S>) -> Running {
        Running::start_on_terminal(self.command(args))
    }

    /// Runs a command that must succeed and print one document.
    pub fn json<S: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = S>) -> Value {
        self.run(args).document()
    }

    /// Whether a server holds the data directory and has said where it is.
    pub fn is_served(&self) -> bool {
        let address = hanok_store::lock::read_address(&self.data());
        address.is_ok_and(|address| address.is_some())
    }

    /// Waits until no server holds the data directory any more.
    pub fn assert_no_server_stays(&self) {
        let begun = Instant::now();
        while self.is_served() {
            assert!(begun.elapsed() < ENDS, "a server outlived its commands");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Nothing of a failed import or run is left: no data set, nothing that still works, no temporary file.
    pub fn assert_nothing_half_made(&self) {
        let datasets = self.json(["dataset", "list", "--json"]);
        assert_eq!(
            datasets["data"],
            serde_json::json!([]),
            "data sets are left"
        );
        let runs = self.json(["run", "list", "--json"]);
        for run in runs["data"].as_array().into_iter().flatten() {
            assert_eq!(run["state"], "failed", "a run is left: {run}");
        }
        let left: Vec<_> = files_under(&self.data().join("tmp"));
        assert!(left.is_empty(), "temporary files are left: {left:?}");
    }
}

fn files_under(dir: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(dir).into_iter().flatten().flatten();
    entries
        .flat_map(|entry| match entry.path() {
            path if path.is_dir() => files_under(&path),
            path => vec![path],
        })
        .collect()
}

impl Drop for Home {
    fn drop(&mut self) {
        if let Some(mut server) = self.server.take() {
            signal(&server, libc::SIGTERM);
            let _ = server.wait();
        }
        if !std::thread::panicking() {
            self.assert_no_server_stays();
        }
    }
}
