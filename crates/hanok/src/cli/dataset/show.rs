//! `hanok dataset show`: one data set in full.

use serde_json::Value;

use super::find;
use crate::cli::{Access, CliError, Context};
use crate::client::{Dataset, Version, parse};
use crate::terminal::{Table, Terminal, count, cut, percent, when};

/// Rejected rows that are listed one by one.
const REJECTED_SHOWN: usize = 10;

/// With more classes than this their table is left to `--json`.
const LABELS_SHOWN: usize = 40;

/// Flags of `hanok dataset show`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Id (`ds_…`) or name.
    dataset: String,
    #[command(flatten)]
    access: Access,
}

/// Prints the data set.
pub async fn run(args: Args) -> Result<(), CliError> {
    let (context, connection) = Context::open(&args.access).await?;
    let value = find(&connection.client, &args.dataset).await?;
    print_dataset(&context.terminal, &parse(&value)?);
    context.terminal.document(&value);
    Ok(())
}

/// What an import found, for people.
pub fn print_dataset(terminal: &Terminal, dataset: &Dataset) {
    let paint = terminal.paint;
    terminal.line(format!(
        "{}  {}  {}",
        paint.bold(&cut(&dataset.name, 60)),
        dataset.id,
        paint.state(&dataset.state)
    ));
    let made = when(&dataset.created_at);
    terminal.line(format!("  from {}, {made}", cut(&dataset.source_name, 60)));
    if let Some(fault) = &dataset.error {
        terminal.line(format!("  {}", paint.bad(&fault.message)));
    }
    if let Some(version) = &dataset.version {
        print_version(terminal, version);
    }
}

/// Rows, classes, rejected rows and notices of a version.
pub fn print_version(terminal: &Terminal, version: &Version) {
    let labels = version.labels.len() as u64;
    terminal.line(format!(
        "  {} rows, {} labels",
        count(version.rows),
        count(labels)
    ));
    print_labels(terminal, version);
    let found = &version.statistics;
    for notice in found["notices"].as_array().into_iter().flatten() {
        terminal.line(format!(
            "  note: {}",
            cut(notice.as_str().unwrap_or_default(), 200)
        ));
    }
    print_rejected(terminal, found);
}

fn print_labels(terminal: &Terminal, version: &Version) {
    let mut table = Table::new(&["label", ">rows", ">share"]);
    for label in &version.labels {
        let rows = label_rows(&version.statistics, label);
        let share = rows.map(|n| percent(n as f64 / version.rows.max(1) as f64));
        table.row(vec![
            cut(label, 40),
            rows.map_or_else(String::new, count),
            share.unwrap_or_default(),
        ]);
    }
    if version.labels.len() <= LABELS_SHOWN {
        table.print(terminal, "    ");
    }
}

fn label_rows(statistics: &Value, label: &str) -> Option<u64> {
    let labels = statistics["statistics"]["labels"].as_array()?;
    let found = labels.iter().find(|entry| entry["label"] == label)?;
    found["count"].as_u64()
}

fn print_rejected(terminal: &Terminal, found: &Value) {
    let all = found["rejected_total"].as_u64().unwrap_or(0);
    if all == 0 {
        return;
    }
    let rows = if all == 1 { "row was" } else { "rows were" };
    let words = format!("  {} {rows} left out:", count(all));
    terminal.line(terminal.paint.warn(&words));
    let rejected = found["rejected"].as_array().map_or(&[][..], Vec::as_slice);
    for entry in rejected.iter().take(REJECTED_SHOWN) {
        let reason = entry["reason"].as_str().unwrap_or("it cannot be used");
        terminal.line(format!("    row {}: {}", entry["row"], cut(reason, 100)));
    }
    if all > REJECTED_SHOWN as u64 {
        terminal.line(format!(
            "    … and {} more",
            count(all - REJECTED_SHOWN as u64)
        ));
    }
}
