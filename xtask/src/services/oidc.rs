//! A provider of identities for tests: npm's `oidc-provider` behind a script of ours, on loopback, on a port of
//! its own choosing. What it is made of is pinned beside the script and kept under `target`.

use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, bail};

use super::{Lack, Ready, Server, State, Stay, folder};
use crate::{process, workspace};

/// The script and its pins.
const FILES: [&str; 3] = ["package.json", "package-lock.json", "provider.mjs"];
const PID: &str = "oidc.pid";
const URL: &str = "oidc.url";

/// A provider that is ours; dropping it stops it.
pub struct Provider(Child);

impl Drop for Provider {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The running provider of `services up`, else a new one.
pub fn start(stay: Stay) -> State {
    if let running @ State::Ready(_) = look() {
        return running;
    }
    if workspace::find_program(&["node"]).is_none() || workspace::find_program(&["npm"]).is_none() {
        return Lack::of("no node and npm on PATH", "apt-get install nodejs npm");
    }
    match ensure().and_then(|()| bring_up()) {
        Ok((url, child)) if stay == Stay::UntilDown => {
            let kept = fs::write(folder().join(PID), child.id().to_string())
                .and_then(|()| fs::write(folder().join(URL), &url));
            match kept {
                Ok(()) => Ready::found(url),
                Err(error) => Lack::of(error.to_string(), "cargo xtask services up"),
            }
        }
        Ok((url, child)) => State::Ready(Ready {
            value: url,
            _server: Some(Server::Oidc(Provider(child))),
        }),
        Err(error) => Lack::of(
            format!("the provider of identities did not start: {error:#}"),
            "connect to an npm registry once, then: cargo xtask services up",
        ),
    }
}

/// The provider that `services up` left running.
pub fn look() -> State {
    match fs::read_to_string(folder().join(URL)) {
        Ok(url) if running().is_some() => Ready::found(url),
        _ => Lack::of(
            "the provider of identities is not running",
            "cargo xtask services up",
        ),
    }
}

/// Stops the provider that `services up` left running.
pub fn down() {
    if let Some(pid) = running() {
        // SAFETY: kill has no memory effects; the process was found to run our script.
        unsafe { libc::kill(pid, libc::SIGKILL) };
    }
    let _ = fs::remove_file(folder().join(PID));
    let _ = fs::remove_file(folder().join(URL));
}

/// Numbers are used again: only one that runs our script counts.
fn running() -> Option<libc::pid_t> {
    let pid: libc::pid_t = fs::read_to_string(folder().join(PID)).ok()?.parse().ok()?;
    let line = fs::read_to_string(format!("/proc/{pid}/cmdline")).ok()?;
    line.contains("provider.mjs").then_some(pid)
}

fn home() -> PathBuf {
    folder().join("oidc")
}

fn source() -> PathBuf {
    workspace::root().join("xtask/oidc")
}

/// What the script needs, made first if it is missing or older than the pins.
fn ensure() -> Result<()> {
    let same = |name: &&str| match (fs::read(source().join(name)), fs::read(home().join(name))) {
        (Ok(wanted), Ok(made)) => wanted == made,
        _ => false,
    };
    if FILES.iter().all(same) {
        return Ok(());
    }
    // Built beside the final place, so that a broken half is never taken for whole.
    let fresh = folder().join(format!("oidc-{}", std::process::id()));
    let _ = fs::remove_dir_all(&fresh);
    fs::create_dir_all(&fresh)?;
    eprintln!("making the provider of identities ({})", home().display());
    let made = fill(&fresh).and_then(|()| {
        let _ = fs::remove_dir_all(home());
        fs::rename(&fresh, home()).context("cannot put it in place")
    });
    let _ = fs::remove_dir_all(&fresh);
    made
}

fn fill(home: &Path) -> Result<()> {
    for name in FILES {
        fs::copy(source().join(name), home.join(name))?;
    }
    let mut install = Command::new("npm");
    install.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]);
    let output = process::quiet(install.current_dir(home))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        bail!("{}", said.trim().lines().last().unwrap_or("npm failed"));
    }
    Ok(())
}

fn bring_up() -> Result<(String, Child)> {
    let mut child = Command::new("node")
        .arg(home().join("provider.mjs"))
        .current_dir(home())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(fs::File::create(home().join("log"))?)
        // Out of reach of the terminal's Ctrl-C, so that tests end before it does.
        .process_group(0)
        .spawn()?;
    let mut line = String::new();
    let output = child.stdout.take().context("no output")?;
    BufReader::new(output).read_line(&mut line)?;
    let url = line.trim().to_owned();
    if !url.starts_with("http://") {
        let _ = child.kill();
        let _ = child.wait();
        let log = fs::read_to_string(home().join("log")).unwrap_or_default();
        bail!("{}", log.lines().last().unwrap_or("no message"));
    }
    Ok((url, child))
}
