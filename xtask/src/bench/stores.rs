//! The queue and the API on each database: no peer, but the gates that they are held to.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};
use serde_json::Value;

use super::{ROUNDS, build_example, measure, number, table};
use crate::services::{self, Service, State};
use crate::{process, workspace};

/// Jobs of a round, and workers at once.
const QUEUE: [&str; 2] = ["2000", "8"];
/// Requests of a round, and connections.
const API: [&str; 2] = ["4000", "8"];

pub fn run() -> Result<String> {
    let queue = build_example("hanok-jobs", "bench_queue")?;
    let api = build_example("hanok", "bench_api")?;
    let program = workspace::target_dir().join("release/hanok");
    let server = services::one(Service::Postgres);
    let mut lines = vec![head()];
    lines.extend(rows("SQLite", &queue, &api, &program, None)?);
    match &server {
        State::Ready(server) => {
            lines.extend(rows(
                "PostgreSQL",
                &queue,
                &api,
                &program,
                Some(&server.value),
            )?);
        }
        State::Lacking(lack) => eprintln!("no PostgreSQL: {}; {}", lack.why, lack.mend),
    }
    Ok(lines.join("\n"))
}

fn head() -> String {
    format!(
        "## Queue and API\n\nHanok {}; medians of {ROUNDS} rounds; server without workers, clients on the same \
         machine; {}\n\n| work | figure | gate |\n|---|---|---|",
        env!("CARGO_PKG_VERSION"),
        table::processor(),
    )
}

fn rows(
    name: &str,
    queue: &Path,
    api: &Path,
    program: &Path,
    server: Option<&str>,
) -> Result<Vec<String>> {
    let (mut queues, mut apis) = (Vec::new(), Vec::new());
    for round in 1..=ROUNDS {
        eprintln!("{name}, round {round} of {ROUNDS}");
        let mut command = Command::new(queue);
        command.args(QUEUE);
        queues.push(on(command, server)?);
        let mut command = Command::new(api);
        command.arg(program).args(API);
        apis.push(on(command, server)?);
    }
    let of = |all: &[Value], figure: &str| {
        table::median(all.iter().map(|value| number(value, figure)).collect())
    };
    let (queue_gate, read_gate) = if server.is_some() {
        ("≥ 2,000/s", "≤ 0.4 ms")
    } else {
        ("≥ 500/s", "≤ 0.3 ms")
    };
    Ok(vec![
        format!(
            "| queue, enqueue + complete, {name} | {:.0}/s, {:.2} ms of processor each | {queue_gate} |",
            of(&queues, "both_per_s"),
            of(&queues, "cpu_ms"),
        ),
        format!(
            "| authenticated read, {name} | {:.2} ms of processor, {:.0}/s, p99 {:.1} ms | {read_gate} |",
            of(&apis, "read_cpu_ms"),
            of(&apis, "read_per_s"),
            of(&apis, "read_p99_ms"),
        ),
        format!(
            "| authenticated write, {name} | {:.2} ms of processor, {:.0}/s, p99 {:.1} ms | – |",
            of(&apis, "write_cpu_ms"),
            of(&apis, "write_per_s"),
            of(&apis, "write_p99_ms"),
        ),
    ])
}

/// Runs one side on an empty database.
pub(super) fn on(mut command: Command, server: Option<&str>) -> Result<Value> {
    let Some(server) = server else {
        command.env_remove("DATABASE_URL");
        return measure(command);
    };
    let name = format!("bench_{}", std::process::id());
    let fresh = format!("DROP SCHEMA IF EXISTS {name} CASCADE; CREATE SCHEMA {name}");
    let mut psql = Command::new("psql");
    psql.args(["-q", "-v", "ON_ERROR_STOP=1", "-d", server, "-c", &fresh]);
    process::quiet(&mut psql).context("a schema for the bench")?;
    let joint = if server.contains('?') { '&' } else { '?' };
    command.env(
        "DATABASE_URL",
        format!("{server}{joint}options=-c%20search_path%3D{name}"),
    );
    measure(command)
}
