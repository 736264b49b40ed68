//! The audit log with a million rows on each database: looking for rows, and verifying all of them.

use std::path::Path;
use std::process::Command;

use anyhow::Result;

use super::{build_example, number, stores, table};
use crate::services::{self, Service, State};

/// Rows of the log.
const ROWS: &str = "1000000";

pub fn run() -> Result<String> {
    let program = build_example("hanok-studio", "bench_audit")?;
    let mut lines = vec![head()];
    lines.extend(rows("SQLite", &program, None)?);
    match services::one(Service::Postgres) {
        State::Ready(server) => lines.extend(rows("PostgreSQL", &program, Some(&server.value))?),
        State::Lacking(lack) => eprintln!("no PostgreSQL: {}; {}", lack.why, lack.mend),
    }
    Ok(lines.join("\n"))
}

fn head() -> String {
    format!(
        "## Audit log\n\nHanok {}; 1,000,000 rows; a page is 50 rows, the median of 15; {}\n\n\
         | work | figure |\n|---|---|",
        env!("CARGO_PKG_VERSION"),
        table::processor(),
    )
}

fn rows(name: &str, program: &Path, server: Option<&str>) -> Result<Vec<String>> {
    eprintln!("{name}");
    let mut command = Command::new(program);
    command.arg(ROWS);
    let figures = stores::on(command, server)?;
    let of = |figure: &str| number(&figures, figure);
    let page = |work: &str, figure: &str| format!("| {work}, {name} | {:.1} ms |", of(figure));
    Ok(vec![
        page("newest rows", "list_ms"),
        page("rows of an account", "actor_ms"),
        page("rows of an action", "action_ms"),
        page("denied rows", "denied_ms"),
        page("rows of an object", "object_ms"),
        page("rows with a text (50,000 looked at)", "text_ms"),
        format!("| verify all, {name} | {:.1} s |", of("verify_s")),
        format!("| seal all, {name} | {:.1} s |", of("seal_s")),
    ])
}
