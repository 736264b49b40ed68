//! What the program says of itself: its commands, its settings, and the description of its API.
//!
//! The program is the one that the tests build. `cargo run -p hanok` would compile its dependencies
//! once more, since those of tests alone turn on features of shared crates.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Result, ensure};

use crate::{process, workspace};

const SUITES: [&str; 5] = ["test", "--release", "--workspace", "--test", "suite"];

/// Builds the program, and the tests beside it.
pub fn build() -> Result<bool> {
    let mut command = workspace::cargo(&SUITES);
    command.arg("--no-run");
    Ok(process::show(command)?.success)
}

/// Runs the test that compares the committed description of the API with the router, or writes it.
pub fn description(write: bool) -> Result<bool> {
    let mut command = workspace::cargo(&SUITES);
    command.arg("committed_description");
    if write {
        command.env("HANOK_WRITE_DOCS", "1");
    }
    Ok(process::show(command)?.success)
}

/// A page that the program prints.
pub fn reference(page: &str) -> Result<String> {
    let path = path();
    let output = process::quiet(Command::new(&path).args(["reference", page]))?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(
        output.status.success(),
        "{} reference {page} failed: {}",
        path.display(),
        said.trim()
    );
    Ok(String::from_utf8(output.stdout)?)
}

fn path() -> PathBuf {
    let name = format!("hanok{}", std::env::consts::EXE_SUFFIX);
    workspace::target_dir().join("release").join(name)
}
