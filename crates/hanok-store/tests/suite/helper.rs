//! Another process that does something to a database, to be killed, failed or waited for: this very
//! binary, told to run one of the tests below. Without being told they do nothing. Holds no assertions.

use std::io::Read;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use hanok_store::rows::projects::NewProject;
use hanok_store::{EncryptionKey, Store, StoreConfig, StoreError, cipher};
use hanok_testkit::TestDatabase;
use hanok_testkit::points::Points;

const URL: &str = "STORE_HELPER_URL";
const KEY: &str = "STORE_HELPER_KEY";
const SCHEMA: &str = "STORE_HELPER_SCHEMA";
const NEW_KEY: &str = "STORE_HELPER_NEW_KEY";
const COUNT: &str = "STORE_HELPER_COUNT";

/// What is to be done in the other process: `helper::opens` and the like.
pub struct Helper {
    role: &'static str,
    pub command: Command,
}

impl Helper {
    pub fn new(role: &'static str, db: &TestDatabase) -> Self {
        let mut command = Command::new(std::env::current_exe().expect("this binary"));
        command
            .args([role, "--exact", "--nocapture", "--test-threads=1"])
            .env(URL, &db.config.url)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        if let Some(key) = &db.config.key {
            command.env(KEY, key.digits().expose());
        }
        if let Some(schema) = &db.config.schema {
            command.env(SCHEMA, schema);
        }
        Self { role, command }
    }

    pub fn count(mut self, count: usize) -> Self {
        self.command.env(COUNT, count.to_string());
        self
    }

    pub fn new_key(mut self, key: &EncryptionKey) -> Self {
        self.command.env(NEW_KEY, key.digits().expose());
        self
    }

    /// Its calls are counted; those on the database's server only if it has one.
    pub fn watched(mut self, points: &Points, db: &TestDatabase) -> Self {
        let file = db.file();
        let root = file.as_deref().and_then(Path::parent);
        let root = root.unwrap_or(Path::new("/nowhere"));
        let server = db.is_postgres().then_some(db.config.url.as_str());
        points.watch(&mut self.command, self.role, root, server);
        self
    }

    pub fn run(mut self) -> Output {
        self.command.output().expect("the helper")
    }
}

/// Points at which to kill: all of them in the full tier, else some, and the last ones, where names change.
pub fn sample(points: u64) -> Vec<u64> {
    let full = std::env::var_os("HANOK_TEST_FULL").is_some();
    let step = if full { 1 } else { (points / 12).max(1) };
    let all = 1..=points + 1;
    all.filter(|at| at % step == 0 || at + 8 > points).collect()
}

/// What a run of [`writes`] says of each number.
pub fn told(output: &Output, verdict: &str) -> Vec<String> {
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let lines = text
        .lines()
        .filter_map(|line| line.trim().strip_prefix(verdict));
    lines.map(|rest| rest.trim().to_owned()).collect()
}

fn config() -> Option<StoreConfig> {
    let mut config = StoreConfig::new(std::env::var(URL).ok()?);
    config.schema = std::env::var(SCHEMA).ok();
    config.key = key(KEY);
    Some(config)
}

fn key(name: &str) -> Option<EncryptionKey> {
    let digits = std::env::var(name).ok()?;
    Some(EncryptionKey::parse(&digits).expect("a key"))
}

fn count() -> usize {
    let count = std::env::var(COUNT).ok();
    count.and_then(|count| count.parse().ok()).unwrap_or(0)
}

#[tokio::test]
async fn opens() {
    let Some(config) = config() else { return };
    match Store::open(&config).await {
        Ok(store) => {
            store.close().await.expect("closes");
            println!("\nopened");
        }
        Err(error) => println!("\nrefused {error:?}"),
    }
}

#[tokio::test]
async fn writes() {
    let Some(config) = config() else { return };
    let store = match Store::open(&config).await {
        Ok(store) => store,
        Err(error) => {
            println!("\nrefused {error:?}");
            return;
        }
    };
    for number in 0..count() {
        let new = NewProject {
            name: format!("p{number:04}"),
            kind: "x".repeat(2000),
        };
        let written = store.write(async |tx| tx.projects().insert(&new).await);
        match written.await {
            Ok(_) => println!("\nkept {}", new.name),
            Err(error) => println!("\nlost {} {error:?}", new.name),
        }
    }
    let read = store.read(async |tx| tx.projects().list().await).await;
    println!("\nread {}", read.map_or(0, |rows| rows.len()));
    println!("\nsuspect {}", store.suspect().is_some());
}

#[tokio::test]
async fn holds() {
    let Some(config) = config() else { return };
    let store = Store::open(&config).await.expect("opens");
    let held = store.write(async |_tx| {
        println!("\nholding");
        tokio::task::spawn_blocking(|| std::io::stdin().read(&mut [0; 1]))
            .await
            .map_err(|error| StoreError::Database(error.to_string()))
    });
    held.await.expect("commits").expect("reads");
}

#[tokio::test]
async fn rekeys() {
    let Some(config) = config() else { return };
    let path = config.url.strip_prefix("sqlite://").expect("a file");
    let path = Path::new(path);
    let done = match (&config.key, key(NEW_KEY)) {
        (Some(old), Some(new)) => cipher::rekey(path, old, &new).await,
        (None, Some(new)) => cipher::encrypt(path, &new).await,
        (Some(old), None) => cipher::decrypt(path, old).await,
        (None, None) => return,
    };
    println!("\n{done:?}");
}

#[tokio::test]
async fn leaves() {
    let Some(config) = config() else { return };
    let store = Store::open(&config).await.expect("opens");
    let new = NewProject {
        name: format!("left {}", std::process::id()),
        kind: "x".repeat(2000),
    };
    let written = store.write(async |tx| tx.projects().insert(&new).await);
    written.await.expect("writes");
    // Neither closed nor dropped, as when a program exits from within.
    std::mem::forget(store);
    std::process::exit(7);
}
