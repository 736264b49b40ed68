//! A Python environment with the pinned `openai` client, made once and kept under `target`.
//!
//! A copy of the requirements inside it says which pins it was made from.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::{Lack, Ready, State, folder};
use crate::{process, workspace};

const MARK: &str = "requirements.txt";

/// The environment, made first if it is missing or older than the pins.
pub fn ensure() -> State {
    if let ready @ State::Ready(_) = look() {
        return ready;
    }
    if workspace::find_program(&["python3"]).is_none() {
        return Lack::of("no python3 on PATH", "apt-get install python3 python3-venv");
    }
    match make() {
        Ok(()) => look(),
        Err(error) => {
            let why = format!("{error:#}");
            let mend = if why.contains("ensurepip") {
                "apt-get install python3-venv"
            } else {
                "connect to a package index once, then: cargo xtask services up"
            };
            Lack::of(why, mend)
        }
    }
}

/// The environment if it is there and complete.
pub fn look() -> State {
    let home = home();
    let python = home.join("bin/python");
    let current = match (
        fs::read_to_string(home.join(MARK)),
        fs::read_to_string(pins()),
    ) {
        (Ok(made_from), Ok(wanted)) => made_from == wanted,
        _ => false,
    };
    if current && works(&python) {
        return Ready::found(python.to_string_lossy());
    }
    Lack::of(
        "the Python environment is not made yet",
        "cargo xtask services up",
    )
}

fn home() -> PathBuf {
    folder().join("python")
}

fn pins() -> PathBuf {
    workspace::root().join("xtask/python/requirements.txt")
}

fn works(python: &Path) -> bool {
    // Looking the package up is enough and ten times quicker than importing it.
    let look = "import importlib.util as i, sys; sys.exit(i.find_spec('openai') is None)";
    process::quiet(Command::new(python).args(["-c", look]))
        .is_ok_and(|output| output.status.success())
}

/// Builds beside the final place and renames, so that a broken half is never taken for whole.
fn make() -> Result<()> {
    let fresh = folder().join(format!("python-{}", std::process::id()));
    let _ = fs::remove_dir_all(&fresh);
    fs::create_dir_all(folder())?;
    eprintln!("making the Python environment ({})", home().display());
    let made = fill(&fresh).and_then(|()| {
        let _ = fs::remove_dir_all(home());
        fs::rename(&fresh, home()).context("cannot put the environment in place")
    });
    if made.is_err() {
        let _ = fs::remove_dir_all(&fresh);
    }
    made
}

fn fill(home: &Path) -> Result<()> {
    step(Command::new("python3").args(["-m", "venv"]).arg(home))?;
    step(
        Command::new(home.join("bin/python"))
            .args(["-m", "pip", "install", "--quiet", "--no-input"])
            .args(["--disable-pip-version-check", "--requirement"])
            .arg(pins()),
    )?;
    fs::copy(pins(), home.join(MARK))?;
    Ok(())
}

fn step(command: &mut Command) -> Result<()> {
    let output = process::quiet(command)?;
    if output.status.success() {
        return Ok(());
    }
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    if said.contains("ensurepip") {
        bail!("python3 has no venv (ensurepip is missing)");
    }
    bail!("{}", said.trim().lines().last().unwrap_or("pip failed"));
}
