//! A private PostgreSQL for tests: own data, own password, loopback, free port, nothing durable.
//!
//! Under root it runs as another account (`account`), in a folder which that one can reach.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::account;
use super::secret::secret;
use super::{Lack, Ready, Server, State, Stay, folder};
use crate::{process, workspace};

const INSTALL: &str = "apt-get install postgresql";
const SHARED: &str = "postgres";

/// Speed over durability: the data ends with the tests. Clients come in by TCP only.
const SETTINGS: &str = "
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
max_connections = 200
shared_buffers = 64MB
fsync = off
synchronous_commit = off
full_page_writes = off
";

/// A server that is ours; dropping it stops the server and removes its data.
pub struct Cluster {
    home: PathBuf,
}

impl Drop for Cluster {
    fn drop(&mut self) {
        discard(&self.home);
    }
}

/// The running server of `services up`, else a new one.
pub fn start(stay: Stay) -> State {
    if let running @ State::Ready(_) = look() {
        return running;
    }
    match stay {
        Stay::UntilDown => start_new(stay, SHARED),
        Stay::ForThisRun => start_new(stay, &format!("{SHARED}-{}", std::process::id())),
    }
}

fn start_new(stay: Stay, name: &str) -> State {
    let Some(programs) = programs() else {
        return Lack::of("no PostgreSQL programs found", INSTALL);
    };
    let home = base().join(name);
    discard(&home);
    match bring_up(&programs, &home) {
        Ok(url) => State::Ready(Ready {
            value: url,
            _server: (stay == Stay::ForThisRun).then(|| Server::Postgres(Cluster { home })),
        }),
        Err(error) => {
            discard(&home);
            Lack::of(format!("PostgreSQL did not start: {error:#}"), INSTALL)
        }
    }
}

/// The server that `services up` left running.
pub fn look() -> State {
    let Some(programs) = programs() else {
        return Lack::of("no PostgreSQL programs found", INSTALL);
    };
    let home = base().join(SHARED);
    match fs::read_to_string(home.join("url")) {
        Ok(url) if control(&programs, &home, &["status"]).is_ok() => Ready::found(url),
        _ => Lack::of("PostgreSQL is not running", "cargo xtask services up"),
    }
}

/// Stops every server of this target directory and removes its data.
pub fn down() -> Result<()> {
    homes().iter().for_each(|home| discard(home));
    Ok(())
}

/// Clears what runs that were killed outright have left.
pub fn sweep() {
    for home in homes() {
        let owner = home
            .file_name()
            .and_then(|name| name.to_str()?.strip_prefix("postgres-")?.parse().ok());
        if owner.is_some_and(|pid| !process::is_alive(pid)) {
            discard(&home);
        }
    }
}

fn homes() -> Vec<PathBuf> {
    let entries = fs::read_dir(base()).into_iter().flatten().flatten();
    entries
        .filter(|entry| entry.file_name().to_string_lossy().starts_with(SHARED))
        .map(|entry| entry.path())
        .collect()
}

fn bring_up(programs: &Path, home: &Path) -> Result<String> {
    let password = secret()?;
    fs::create_dir_all(home)?;
    fs::set_permissions(home, fs::Permissions::from_mode(0o700))?;
    fs::write(home.join("password"), &password)?;
    if let Some((uid, gid)) = account::ids()? {
        for path in [home.to_path_buf(), home.join("password")] {
            chown(path, Some(uid), Some(gid))?;
        }
    }
    let data = home.join("data");
    succeed(
        account::program(&programs.join("initdb"))?
            .args(["--username=hanok", "--auth=scram-sha-256", "--no-locale"])
            .args(["--encoding=UTF8", "--no-sync"])
            .arg(format!("--pwfile={}", home.join("password").display()))
            .arg("--pgdata")
            .arg(&data),
    )?;
    let settings = data.join("postgresql.conf");
    let defaults = fs::read_to_string(&settings)?;
    fs::write(&settings, defaults + SETTINGS)?;
    let port = listen(programs, home)?;
    let url = format!("postgres://hanok:{password}@127.0.0.1:{port}/postgres");
    fs::write(home.join("url"), &url)?;
    Ok(url)
}

/// Between our finding a port free and the server's taking it, another may: so more than one try.
fn listen(programs: &Path, home: &Path) -> Result<u16> {
    let log = home.join("log").to_string_lossy().into_owned();
    let mut last = None;
    for _ in 0..3 {
        let port = std::net::TcpListener::bind("127.0.0.1:0")?
            .local_addr()?
            .port();
        let options = format!("-p {port}");
        let start = ["start", "-w", "-t", "60", "-l", &log, "-o", &options];
        match control(programs, home, &start) {
            Ok(()) => return Ok(port),
            Err(error) => last = Some(error),
        }
        if process::interrupted() {
            break;
        }
    }
    let said = fs::read_to_string(&log).unwrap_or_default();
    let said = said.lines().last().unwrap_or("no log").to_owned();
    Err(last.context("no port was tried")?.context(said))
}

fn control(programs: &Path, home: &Path, arguments: &[&str]) -> Result<()> {
    succeed(
        account::program(&programs.join("pg_ctl"))?
            .arg("--pgdata")
            .arg(home.join("data"))
            .args(arguments),
    )
}

fn discard(home: &Path) {
    if let Some(programs) = programs()
        && home.join("data/postmaster.pid").exists()
    {
        let stop = ["stop", "-m", "immediate", "-w", "-t", "30"];
        if let Err(error) = control(&programs, home, &stop) {
            eprintln!(
                "PostgreSQL in {} was not stopped: {error:#}",
                home.display()
            );
            return;
        }
    }
    let _ = fs::remove_dir_all(home);
}

/// The newest server programs: where Debian puts them, else beside `initdb` on `PATH`.
fn programs() -> Option<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten();
    let debian = versions
        .flatten()
        .filter_map(|entry| {
            let version: u32 = entry.file_name().to_str()?.parse().ok()?;
            let folder = entry.path().join("bin");
            folder.join("initdb").is_file().then_some((version, folder))
        })
        .max();
    debian.map(|(_, folder)| folder).or_else(|| {
        let initdb = workspace::find_program(&["initdb"])?;
        Some(initdb.parent()?.to_path_buf())
    })
}

/// `target/services`, or a temporary folder where the account could not reach that.
fn base() -> PathBuf {
    let services = folder();
    let _ = fs::create_dir_all(&services);
    let open = |path: &Path| fs::metadata(path).is_ok_and(|found| found.mode() & 0o001 != 0);
    if matches!(account::ids(), Ok(None)) || services.ancestors().all(open) {
        return services;
    }
    let number = fs::metadata(&services).map_or(0, |found| found.ino());
    let outside = std::env::temp_dir().join(format!("hanok-services-{number}"));
    let _ = fs::create_dir(&outside);
    // Anyone may have put something of this name there before us.
    let ours = fs::symlink_metadata(&outside).is_ok_and(|found| found.is_dir() && found.uid() == 0);
    if ours { outside } else { services }
}

fn succeed(command: &mut Command) -> Result<()> {
    let output = process::quiet(command)?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    bail!("{}", said.trim().lines().last().unwrap_or("no message"));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_for_one_run_answers_and_leaves_nothing() {
        if programs().is_none() {
            return;
        }
        let name = format!("{SHARED}-{}", std::process::id());
        let State::Ready(ready) = start_new(Stay::ForThisRun, &name) else {
            panic!("the server did not start");
        };
        let address = ready.value.split(['@', '/']).nth(3).unwrap().to_owned();
        assert!(std::net::TcpStream::connect(&address).is_ok(), "{address}");
        drop(ready);
        assert!(std::net::TcpStream::connect(&address).is_err());
        assert!(!base().join(&name).exists());
    }
}
