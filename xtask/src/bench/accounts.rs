//! A hundred thousand accounts on each database: what administrators, a sign-in and a person ask of them.

use std::path::Path;
use std::process::Command;

use anyhow::Result;

use super::{build_example, number, stores, table};
use crate::services::{self, Service, State};

/// Accounts there are.
const ACCOUNTS: &str = "100000";

pub fn run() -> Result<String> {
    let program = build_example("hanok-studio", "bench_accounts")?;
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
        "## Accounts\n\nHanok {}; 100,000 accounts, 200,000 sessions; a page is 25 accounts, the median of 31; {}\n\n\
         | work | figure |\n|---|---|",
        env!("CARGO_PKG_VERSION"),
        table::processor(),
    )
}

fn rows(name: &str, program: &Path, server: Option<&str>) -> Result<Vec<String>> {
    eprintln!("{name}");
    let mut command = Command::new(program);
    command.arg(ACCOUNTS);
    let figures = stores::on(command, server)?;
    let row = |work: &str, figure: &str| {
        let figure = number(&figures, figure);
        format!("| {work}, {name} | {figure:.2} ms |")
    };
    Ok(vec![
        row("list, first page", "list_ms"),
        row("list, page after 90,000", "deep_ms"),
        row("list of disabled", "disabled_ms"),
        row(
            "list of unapproved, of whom there are none",
            "unapproved_ms",
        ),
        row("search by name, ten found", "few_ms"),
        row("search by address, one found", "mail_ms"),
        row("search that finds nearly all", "many_ms"),
        row("search that finds none", "none_ms"),
        row("sign-in, reading before the password is checked", "name_ms"),
        row("the same for a name that is nobody's", "nobody_ms"),
        row("sessions of a person", "sessions_ms"),
    ])
}
