//! A PostgreSQL of one test's own: to stop, to start again, to set up otherwise. Only where
//! `HANOK_TEST_POSTGRES` says that PostgreSQL is tested and its programs are found.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

/// Data without durability, on loopback, where everybody is trusted; gone with the value.
pub struct PrivatePostgres {
    home: TempDir,
    programs: PathBuf,
    account: Option<(u32, u32)>,
    port: u16,
}

impl PrivatePostgres {
    /// Starts one, if there are tests of PostgreSQL.
    pub fn start() -> Option<Self> {
        std::env::var_os("HANOK_TEST_POSTGRES")?;
        let server = Self {
            home: tempfile::tempdir().expect("a temporary directory"),
            programs: programs()?,
            account: account(),
            port: free_port(),
        };
        server.own(server.home.path());
        let data = server.data();
        let mut initdb = server.program("initdb");
        let made = initdb.arg("--pgdata").arg(&data).args([
            "--username=hanok",
            "--auth=trust",
            "--no-locale",
            "--encoding=UTF8",
            "--no-sync",
        ]);
        assert!(made.output().expect("initdb").status.success(), "initdb");
        server.set("fsync = off\nlisten_addresses = '127.0.0.1'\nunix_socket_directories = ''");
        server.resume();
        Some(server)
    }

    /// Its address, for one of its roles.
    pub fn url(&self, role: &str) -> String {
        format!("postgres://{role}@127.0.0.1:{}/postgres", self.port)
    }

    /// Adds lines to its settings; they hold from the next start.
    pub fn set(&self, lines: &str) {
        let path = self.data().join("postgresql.conf");
        let text = fs::read_to_string(&path).expect("settings");
        fs::write(&path, format!("{text}\n{lines}\n")).expect("settings");
    }

    /// Replaces who may come in, and how.
    pub fn let_in(&self, lines: &str) {
        fs::write(self.data().join("pg_hba.conf"), lines).expect("rules");
    }

    /// A place for files beside its data.
    pub fn folder(&self) -> &Path {
        self.home.path()
    }

    /// Makes a file there one that it can read and strangers cannot.
    pub fn give(&self, name: &str) -> PathBuf {
        let path = self.home.path().join(name);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("a mode");
        self.own(&path);
        path
    }

    /// Stops it at once, as a crash would.
    pub fn stop(&self) {
        self.control(&["stop", "-m", "immediate", "-w", "-t", "30"]);
    }

    /// Starts it again, at the same address.
    pub fn resume(&self) {
        let log = self.home.path().join("log").display().to_string();
        let options = format!("-p {}", self.port);
        self.control(&["start", "-w", "-t", "60", "-l", &log, "-o", &options]);
    }

    fn data(&self) -> PathBuf {
        self.home.path().join("data")
    }

    fn control(&self, arguments: &[&str]) {
        let mut command = self.program("pg_ctl");
        command.arg("--pgdata").arg(self.data()).args(arguments);
        // The server keeps what it inherits: a pipe would not end.
        let status = command.stdout(Stdio::null()).stderr(Stdio::null()).status();
        assert!(status.expect("pg_ctl").success(), "pg_ctl {arguments:?}");
    }

    fn program(&self, name: &str) -> Command {
        let mut command = Command::new(self.programs.join(name));
        command.current_dir("/");
        if let Some((uid, gid)) = self.account {
            command.uid(uid).gid(gid);
        }
        command
    }

    fn own(&self, path: &Path) {
        if let Some((uid, gid)) = self.account {
            chown(path, Some(uid), Some(gid)).expect("an owner");
        }
    }
}

impl Drop for PrivatePostgres {
    fn drop(&mut self) {
        if self.data().join("postmaster.pid").exists() {
            let mut command = self.program("pg_ctl");
            command.arg("--pgdata").arg(self.data());
            let _ = command.args(["stop", "-m", "immediate", "-w"]).output();
        }
    }
}

/// The newest that Debian has installed, else beside `initdb` on `PATH`.
fn programs() -> Option<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten();
    let folders = versions.flatten().filter_map(|entry| {
        let version: u32 = entry.file_name().to_str()?.parse().ok()?;
        let folder = entry.path().join("bin");
        folder.join("initdb").is_file().then_some((version, folder))
    });
    folders.max().map(|(_, folder)| folder).or_else(|| {
        let path = std::env::var_os("PATH")?;
        std::env::split_paths(&path).find(|folder| folder.join("initdb").is_file())
    })
}

/// It refuses to run as root; then it runs as another account.
fn account() -> Option<(u32, u32)> {
    if fs::metadata("/proc/self").map_or(1, |found| found.uid()) != 0 {
        return None;
    }
    let accounts = fs::read_to_string("/etc/passwd").expect("accounts");
    ["postgres", "nobody"].iter().find_map(|name| {
        accounts.lines().find_map(|line| {
            let mut fields = line.split(':');
            let found = fields.next()? == *name;
            let uid = fields.nth(1)?.parse().ok()?;
            let gid = fields.next()?.parse().ok()?;
            found.then_some((uid, gid))
        })
    })
}

fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("an address").port()
}
