//! A private S3 service for tests: the workspace's own program, on loopback, on a free port, with
//! a secret of its own; its data end with it.

use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, bail};

use super::secret::secret;
use super::{Lack, Ready, Server, State, Stay, folder};
use crate::{process, workspace};

const PROGRAM: &str = "hanok-test-s3";
const MEND: &str = "cargo build --release -p hanok-test-s3";
const SHARED: &str = "s3";
const ACCESS_KEY: &str = "hanok-test";

/// A server that is ours; dropping it stops the server and removes its data.
pub struct Store {
    home: PathBuf,
    child: Child,
}

impl Drop for Store {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = fs::remove_dir_all(&self.home);
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

/// The server that `services up` left running.
pub fn look() -> State {
    let home = folder().join(SHARED);
    match fs::read_to_string(home.join("url")) {
        Ok(url) if pid_of(&home).is_some() => Ready::found(url),
        _ => Lack::of("the S3 service is not running", "cargo xtask services up"),
    }
}

/// Stops every server of this target directory and removes its data.
pub fn down() {
    homes().iter().for_each(|home| discard(home));
}

/// Clears what runs that were killed outright have left.
pub fn sweep() {
    for home in homes() {
        let owner = home
            .file_name()
            .and_then(|name| name.to_str()?.strip_prefix("s3-")?.parse().ok());
        if owner.is_some_and(|pid| !process::is_alive(pid)) {
            discard(&home);
        }
    }
}

fn start_new(stay: Stay, name: &str) -> State {
    let home = folder().join(name);
    discard(&home);
    match program().and_then(|program| bring_up(&program, &home)) {
        Ok((url, child)) => State::Ready(Ready {
            value: url,
            _server: (stay == Stay::ForThisRun).then(|| Server::S3(Store { home, child })),
        }),
        Err(error) => {
            discard(&home);
            Lack::of(format!("the S3 service did not start: {error:#}"), MEND)
        }
    }
}

fn bring_up(program: &Path, home: &Path) -> Result<(String, Child)> {
    fs::create_dir_all(home)?;
    fs::set_permissions(home, fs::Permissions::from_mode(0o700))?;
    let secret = secret()?;
    let mut child = Command::new(program)
        .arg("--root")
        .arg(home.join("buckets"))
        .args(["--access-key", ACCESS_KEY, "--secret-key", &secret])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(fs::File::create(home.join("log"))?)
        // Out of reach of the terminal's Ctrl-C, so that tests end before it does.
        .process_group(0)
        .spawn()?;
    fs::write(home.join("pid"), child.id().to_string())?;
    let mut line = String::new();
    let output = child.stdout.take().context("no output")?;
    BufReader::new(output).read_line(&mut line)?;
    let Some(address) = line.trim().strip_prefix("http://") else {
        let _ = child.kill();
        let _ = child.wait();
        bail!("{}", last_line(&home.join("log")));
    };
    let url = format!("http://{ACCESS_KEY}:{secret}@{address}");
    fs::write(home.join("url"), &url)?;
    Ok((url, child))
}

/// Where cargo puts it, as it does with the tests of the workspace.
fn built() -> PathBuf {
    workspace::target_dir().join("release").join(PROGRAM)
}

/// The program; built alone where somebody wants the services before any test.
fn program() -> Result<PathBuf> {
    let path = built();
    if path.is_file() {
        return Ok(path);
    }
    let mut build = workspace::cargo(&["build", "--release", "--quiet", "--package", PROGRAM]);
    let output = process::quiet(&mut build)?;
    if output.status.success() && path.is_file() {
        return Ok(path);
    }
    bail!("{PROGRAM} could not be built");
}

fn homes() -> Vec<PathBuf> {
    let entries = fs::read_dir(folder()).into_iter().flatten().flatten();
    let ours = |name: &str| name == SHARED || name.starts_with("s3-");
    entries
        .filter(|entry| ours(&entry.file_name().to_string_lossy()))
        .map(|entry| entry.path())
        .collect()
}

fn discard(home: &Path) {
    if let Some(pid) = pid_of(home) {
        // SAFETY: kill has no memory effects; the process was found to be our program.
        unsafe { libc::kill(pid, libc::SIGKILL) };
    }
    let _ = fs::remove_dir_all(home);
}

/// The running server of that folder. Numbers are used again: only one that runs our program counts.
fn pid_of(home: &Path) -> Option<libc::pid_t> {
    let pid: libc::pid_t = fs::read_to_string(home.join("pid")).ok()?.parse().ok()?;
    let name = fs::read_to_string(format!("/proc/{pid}/comm")).ok()?;
    (name.trim() == PROGRAM).then_some(pid)
}

fn last_line(log: &Path) -> String {
    let said = fs::read_to_string(log).unwrap_or_default();
    said.lines().last().unwrap_or("no message").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_for_one_run_answers_and_leaves_nothing() {
        if !built().is_file() {
            return;
        }
        let name = format!("{SHARED}-{}", std::process::id());
        let State::Ready(ready) = start_new(Stay::ForThisRun, &name) else {
            panic!("the program is there and does not start");
        };
        let home = folder().join(&name);
        let address = ready.value.split('@').nth(1).unwrap();
        std::net::TcpStream::connect(address).unwrap();
        assert!(pid_of(&home).is_some());
        drop(ready);
        assert!(!home.exists());
    }
}
