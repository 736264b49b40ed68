//! Points at which a process can die: every write, flush, rename, removal and creation in its data
//! directory, everything it sends to its database, and the answers it gives. A library that is loaded into
//! the process counts them, kills it before the Nth or lets some fail, and can record them; the program
//! itself knows nothing of it. Calls that go past the C library are not seen: `strace` is for those.

mod record;
mod replay;

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use tempfile::TempDir;

pub use record::{Call, Kind};
pub use replay::Replay;

const SOURCE: &str = include_str!("points.c");

/// Which calls are to fail, and how.
pub struct Failure {
    /// Calls of this kind.
    pub kind: Kind,
    /// So many of them succeed before.
    pub after: u64,
    /// So many fail then; those after them succeed again.
    pub times: u64,
    /// With this error.
    pub error: Errno,
}

/// What a system says when a file cannot be had or kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Errno {
    /// The device failed.
    Eio = 5,
    /// Too many files are open.
    Emfile = 24,
    /// No space is left.
    Enospc = 28,
    /// The file system is read-only.
    Erofs = 30,
    /// The quota is used up.
    Edquot = 122,
}

/// The counter of one process, and of those that replace it.
pub struct Points {
    dir: TempDir,
    page: File,
}

impl Points {
    /// A counter at rest.
    pub fn new() -> Self {
        let dir = tempfile::tempdir().expect("a temporary directory");
        File::create(dir.path().join("record")).expect("a file");
        let mut both = File::options();
        let both = both.read(true).write(true).create_new(true);
        let page = both.open(dir.path().join("page")).expect("a file");
        page.set_len(4096).expect("room for the counter");
        Self { dir, page }
    }

    /// Has the process counted that `command` becomes, and those of its children that were started with
    /// the same first word (`serve`, `worker`).
    pub fn watch(&self, command: &mut Command, role: &str, root: &Path, database: Option<&str>) {
        command
            .env("LD_PRELOAD", library())
            .env("POINTS_ROLE", role)
            .env("POINTS_PAGE", self.dir.path().join("page"))
            .env("POINTS_ROOT", root)
            .env("POINTS_PORT", database.map_or(0, port_of).to_string());
    }

    /// Like [`Self::watch`]; every call is recorded with its content.
    pub fn record(&self, command: &mut Command, role: &str, root: &Path) {
        self.watch(command, role, root, None);
        command.env("POINTS_RECORD", self.dir.path().join("record"));
    }

    /// Begins to count; the process is killed before its `kill_at`th point (0: never).
    pub fn arm(&self, kill_at: u64) {
        self.set(8, kill_at);
        self.set(16, 0);
        self.set(0, 1);
    }

    /// Stops counting; says how many points were passed.
    pub fn rest(&self) -> u64 {
        self.set(0, 0);
        self.get(16)
    }

    /// Sets the wall clock of the process so many seconds ahead of ours; its other clocks stay.
    pub fn set_clock(&self, ahead: i64) {
        self.set(24, ahead.cast_unsigned());
    }

    /// Lets calls fail from now on, as a broken or full disk would; only while armed.
    pub fn fail(&self, plan: &Failure) {
        self.set(32, plan.kind as u64);
        self.set(40, plan.after);
        self.set(56, plan.error as u64);
        self.set(48, plan.times);
    }

    /// How many of the planned failures have not happened yet.
    pub fn failures_left(&self) -> u64 {
        self.get(48)
    }

    /// What was recorded so far.
    pub fn recorded(&self) -> Vec<Call> {
        let bytes = std::fs::read(self.dir.path().join("record")).expect("a record");
        record::parse(&bytes)
    }

    fn get(&self, at: u64) -> u64 {
        let mut number = [0; 8];
        let read = self.page.read_exact_at(&mut number, at);
        read.expect("the counter");
        u64::from_ne_bytes(number)
    }

    fn set(&self, at: u64, value: u64) {
        let written = self.page.write_all_at(&value.to_ne_bytes(), at);
        written.expect("the counter");
    }
}

impl Default for Points {
    fn default() -> Self {
        Self::new()
    }
}

/// Built once per test process.
fn library() -> PathBuf {
    static BUILT: OnceLock<(TempDir, PathBuf)> = OnceLock::new();
    let (_, path) = BUILT.get_or_init(|| {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let (source, path) = (dir.path().join("points.c"), dir.path().join("points.so"));
        std::fs::write(&source, SOURCE).expect("a source file");
        let built = Command::new("cc")
            .args(["-O1", "-shared", "-fPIC", "-o"])
            .args([&path, &source])
            .status()
            .expect("a C compiler");
        assert!(built.success(), "points.c was not compiled");
        (dir, path)
    });
    path.clone()
}

fn port_of(url: &str) -> u16 {
    let host = url.split("://").last().unwrap_or_default();
    let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
    let host = host.split(['/', '?']).next().unwrap_or_default();
    let port = host
        .rsplit_once(':')
        .and_then(|(_, port)| port.parse().ok());
    port.unwrap_or(5432)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_port_of_a_database_stands_in_its_address() {
        assert_eq!(port_of("postgres://me:pw@127.0.0.1:5555/h?options=x"), 5555);
        assert_eq!(port_of("postgres://me@db/h"), 5432);
        assert_eq!(port_of("postgres:///h?host=/tmp"), 5432);
    }
}
