//! The peers' Python environment, made once from pinned versions.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, bail};

use super::folder;
use crate::{process, workspace};

/// The environment's Python.
pub fn python() -> Result<PathBuf> {
    let home = folder().join("python");
    let program = home.join("bin/python");
    let pins = sources().join("requirements.txt");
    let wanted = fs::read_to_string(&pins)?;
    let mark = home.join("requirements.txt");
    if fs::read_to_string(&mark).is_ok_and(|made_from| made_from == wanted) {
        return Ok(program);
    }
    eprintln!("making the peers' Python environment; this takes some minutes");
    let _ = fs::remove_dir_all(&home);
    fs::create_dir_all(folder())?;
    must(Command::new("python3").args(["-m", "venv"]).arg(&home))?;
    let pip = ["-m", "pip", "install", "--quiet", "-r"];
    must(Command::new(&program).args(pip).arg(&pins))?;
    fs::write(mark, wanted)?;
    Ok(program)
}

/// A script of `bench/peers`, ready for its arguments.
pub fn script(python: &Path, name: &str) -> Command {
    let mut command = Command::new(python);
    command.arg(sources().join(name));
    command
}

pub fn must(command: &mut Command) -> Result<()> {
    let output = process::quiet(command)?;
    if !output.status.success() {
        bail!(
            "{command:?} failed:\n{}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
    Ok(())
}

fn sources() -> PathBuf {
    workspace::root().join("bench/peers")
}
