//! `hanok run cancel`.

use serde_json::json;

use super::find;
use crate::cli::{Access, CliError, Context};
use crate::client::{Run, parse};

/// Flags of `hanok run cancel`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Id (`run_…`) or name.
    run: String,
    #[command(flatten)]
    access: Access,
}

/// Cancels it and says how it stands.
pub async fn run(args: Args) -> Result<(), CliError> {
    let (context, connection) = Context::open(&args.access).await?;
    let run: Run = parse(&find(&connection.client, &args.run).await?)?;
    let path = format!("/api/v1/runs/{}/cancel", run.id);
    let value = connection.client.post(&path, &json!({})).await?;
    let run: Run = parse(&value)?;
    let state = context.terminal.paint.state(&run.state);
    context
        .terminal
        .line(format!("{} ({}) is {state}.", run.name, run.id));
    context.terminal.document(&value);
    Ok(())
}
