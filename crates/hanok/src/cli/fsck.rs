//! `hanok fsck`: checks rows against objects and states against jobs. A server that holds the data
//! directory is asked to do it; without one the command holds the directory itself.

use hanok_config::Settings;
use hanok_store::lock::{DataDirLock, LockError};
use hanok_studio::Timing;
use hanok_studio::upkeep::{Fsck, GRACE, Leftovers, Report};
use serde_json::json;

use super::{Access, CliError, Context, Failure};
use crate::client::{ClientError, running};
use crate::compose;
use crate::terminal::{Terminal, bytes, count, duration};

/// Findings that a person is shown; `--json` has them all.
const SHOWN: usize = 20;

/// Flags of `hanok fsck`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Look at the lengths of objects only, not at their content.
    #[arg(long)]
    fast: bool,
    /// Mend what can be mended without a loss: jobs of dead workers, leftovers older than two days.
    #[arg(long)]
    repair: bool,
    #[command(flatten)]
    access: Access,
}

/// Checks; fails when something is wrong and was not mended.
pub async fn run(args: Args) -> Result<(), CliError> {
    let context = Context::new(&args.access)?;
    let report = check(&context, &args).await?;
    let value = serde_json::to_value(&report)
        .map_err(|error| CliError::failed(format!("the report cannot be written: {error}")))?;
    context.terminal.document(&value);
    show(&context.terminal, &report);
    if report.clean {
        return Ok(());
    }
    Err(CliError::Found)
}

async fn check(context: &Context, args: &Args) -> Result<Report, CliError> {
    let settings = &context.settings;
    if settings.url.is_some() {
        let connection = context.connect().await?;
        return asked(&connection.client, args).await;
    }
    let missing = || {
        let place = settings.data.display();
        let failure = Failure::new(format!("There is no installation in {place}."));
        failure
            .code("no_installation")
            .remedy("Name its data directory with --data.")
    };
    if !settings.data.join("hanok.lock").exists() {
        return Err(missing().into());
    }
    match DataDirLock::acquire(&settings.data) {
        Ok(lock) => {
            let report = alone(settings, args).await;
            drop(lock);
            report
        }
        Err(LockError::Held { .. }) => match running(&settings.data).await? {
            Some(connection) => asked(&connection.client, args).await,
            None => Err(Failure::new("A server is starting or stopping here.")
                .code("data_directory_in_use")
                .remedy("Try again in a moment.")
                .into()),
        },
        Err(error) => Err(CliError::failed(error.to_string())),
    }
}

async fn asked(client: &crate::client::Client, args: &Args) -> Result<Report, CliError> {
    let body = json!({ "fast": args.fast, "repair": args.repair });
    // It takes as long as reading every object does.
    let value = client.post_slow("/api/v1/fsck", &body).await?;
    serde_json::from_value(value).map_err(|error| {
        let url = client.base().to_owned();
        let reason = error.to_string();
        ClientError::Foreign { url, reason }.into()
    })
}

async fn alone(settings: &Settings, args: &Args) -> Result<Report, CliError> {
    // Nobody else is here: holders without a live lease need no time to be heard.
    let timing = Timing {
        heartbeat: std::time::Duration::ZERO,
        ..Timing::default()
    };
    let checked = async {
        let studio = compose::existing(settings, timing).await?;
        let how = Fsck {
            fast: args.fast,
            repair: args.repair,
            grace: GRACE,
            alone: true,
        };
        let report = studio.fsck(&how).await;
        studio.close().await?;
        report
    };
    checked.await.map_err(|fault| {
        let mut failure = Failure::new(fault.message).code(fault.code);
        failure.remedy = fault.remedy;
        failure.into()
    })
}

fn show(terminal: &Terminal, report: &Report) {
    let depth = if report.fast {
        "lengths only".to_owned()
    } else {
        format!("{} of content", bytes(report.bytes))
    };
    terminal.line(format!(
        "{} objects ({depth}), {} jobs",
        count(report.objects),
        count(report.jobs)
    ));
    for (what, left) in [
        ("objects that no row names", report.unreferenced),
        ("temporary files", report.temporary),
    ] {
        if left.count > 0 {
            terminal.line(leftovers(what, left));
        }
    }
    for finding in report.findings.iter().take(SHOWN) {
        let mark = if finding.repaired { "mended" } else { "found" };
        terminal.line(format!(
            "{mark}: {} {}: {}",
            finding.code, finding.subject, finding.message
        ));
    }
    let hidden = report.findings.len().saturating_sub(SHOWN) as u64 + report.more;
    if hidden > 0 {
        terminal.line(format!("and {} more", count(hidden)));
    }
    let verdict = if report.clean { "clean" } else { "not clean" };
    terminal.line(verdict);
}

fn leftovers(what: &str, left: Leftovers) -> String {
    let oldest = duration(std::time::Duration::from_secs(left.oldest_s));
    let removed = match left.removed {
        0 => String::new(),
        removed => format!(", {} removed", count(removed)),
    };
    format!(
        "{} {what} ({}, oldest {oldest}){removed}",
        count(left.count),
        bytes(left.bytes)
    )
}
