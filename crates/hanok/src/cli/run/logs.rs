//! `hanok run logs`: the log lines of a run so far; `run watch` follows.

use serde_json::Value;

use super::find;
use crate::cli::{Access, CliError, Context};
use crate::client::{Run, parse};
use crate::terminal::{one_line, when};

/// Flags of `hanok run logs`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Id (`run_…`) or name.
    run: String,
    /// Print every event, not only log lines.
    #[arg(long)]
    all: bool,
    #[command(flatten)]
    access: Access,
}

/// Prints the log.
pub async fn run(args: Args) -> Result<(), CliError> {
    let (context, connection) = Context::open(&args.access).await?;
    let run: Run = parse(&find(&connection.client, &args.run).await?)?;
    let mut after = String::new();
    loop {
        let path = format!("/api/v1/runs/{}/events?limit=1000{after}", run.id);
        let page = connection.client.get(&path).await?;
        for event in page["data"].as_array().into_iter().flatten() {
            let kind = event["kind"].as_str().unwrap_or_default();
            if args.all || kind == "log" {
                context.terminal.emit(event);
                context.terminal.line(line(kind, &event["data"]));
            }
        }
        let more = page["has_more"].as_bool().unwrap_or(false);
        match page["last_id"].as_str() {
            Some(last) if more => after = format!("&after={last}"),
            _ => return Ok(()),
        }
    }
}

fn line(kind: &str, data: &Value) -> String {
    let at = when(data["at"].as_str().unwrap_or_default());
    if kind == "log" {
        let level = data["level"].as_str().unwrap_or("info");
        let message = one_line(data["message"].as_str().unwrap_or_default());
        return format!("{at}  {level:<5}  {message}");
    }
    let content: Vec<String> = data
        .as_object()
        .into_iter()
        .flatten()
        .filter(|(name, _)| !["at", "seq", "topic"].contains(&name.as_str()))
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    format!("{at}  {kind}  {}", content.join(" "))
}
