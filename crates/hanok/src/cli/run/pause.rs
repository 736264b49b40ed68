//! `hanok run pause`.

use serde_json::json;

use super::find;
use crate::cli::{Access, CliError, Context};
use crate::client::{Run, parse};

/// Flags of `hanok run pause`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Id (`run_…`) or name.
    run: String,
    #[command(flatten)]
    access: Access,
}

/// Asks its worker to save and stop.
pub async fn run(args: Args) -> Result<(), CliError> {
    let (context, connection) = Context::open(&args.access).await?;
    let run: Run = parse(&find(&connection.client, &args.run).await?)?;
    let path = format!("/api/v1/runs/{}/pause", run.id);
    let value = connection.client.post(&path, &json!({})).await?;
    let run: Run = parse(&value)?;
    let text = match run.state.as_str() {
        "paused" => format!("{} ({}) is paused.", run.name, run.id),
        _ => format!("{} ({}) pauses at its next step.", run.name, run.id),
    };
    context.terminal.line(text);
    context.terminal.document(&value);
    Ok(())
}
