//! `cargo xtask bench`: us and a peer alternately, on the same files, and a table of ratios.
//!
//! Owns the rounds and the table; `stores` has gates instead of a peer; what is measured stands in a program of each side that prints one
//! line of JSON.

mod accounts;
mod audit;
mod embed;
mod peers;
mod stores;
mod table;
mod train;

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::{process, workspace};

/// Rounds of both sides.
const ROUNDS: usize = 3;

/// What can be measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bench {
    /// Training steps.
    Train,
    /// Sentence embeddings.
    Embed,
    /// Queue and API on each database.
    Stores,
    /// The audit log with a million rows on each database.
    Audit,
    /// A hundred thousand accounts on each database.
    Accounts,
}

pub fn run(bench: Bench) -> Result<bool> {
    let section = match bench {
        Bench::Train => train::run()?,
        Bench::Embed => embed::run()?,
        Bench::Stores => stores::run()?,
        Bench::Audit => audit::run()?,
        Bench::Accounts => accounts::run()?,
    };
    println!("\n{section}");
    table::append(&section)?;
    Ok(true)
}

/// What both sides printed, round by round.
struct Rounds {
    ours: Vec<Value>,
    peers: Vec<Value>,
}

/// Runs us and the peer in turn.
fn alternate(
    ours: impl Fn() -> Result<Command>,
    peer: impl Fn() -> Result<Command>,
) -> Result<Rounds> {
    let mut rounds = Rounds {
        ours: Vec::new(),
        peers: Vec::new(),
    };
    for round in 1..=ROUNDS {
        eprintln!("round {round} of {ROUNDS}");
        rounds.ours.push(measure(ours()?)?);
        rounds.peers.push(measure(peer()?)?);
    }
    Ok(rounds)
}

/// Two threads and an allocator that does not give pages back, for either side.
fn measure(mut command: Command) -> Result<Value> {
    command
        .env("RAYON_NUM_THREADS", "2")
        .env("MALLOC_MMAP_MAX_", "0")
        .env("MALLOC_TRIM_THRESHOLD_", "100000000000")
        .env("MALLOC_ARENA_MAX", "1");
    let output = process::quiet(&mut command)?;
    let text = String::from_utf8_lossy(&output.stdout);
    let Some(line) = text.lines().rfind(|line| line.starts_with('{')) else {
        bail!(
            "{command:?} printed no figures:\n{}",
            String::from_utf8_lossy(&output.stderr)
        );
    };
    serde_json::from_str(line).context("a line of figures")
}

/// Builds an example and gives the program.
fn build_example(package: &str, name: &str) -> Result<PathBuf> {
    let arguments = ["build", "--release", "--workspace", "--example", name];
    let built = process::show(workspace::cargo(&arguments))?;
    if !built.success {
        bail!("the example {name} of {package} does not build");
    }
    Ok(workspace::target_dir().join("release/examples").join(name))
}

/// Where model files and the peers' environment are kept.
fn folder() -> PathBuf {
    workspace::target_dir().join("bench")
}

fn number(value: &Value, name: &str) -> f64 {
    value[name].as_f64().unwrap_or(f64::NAN)
}
