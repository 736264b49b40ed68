//! `hanok run resume`.

use serde_json::json;

use super::find;
use crate::cli::{Access, CliError, Context};
use crate::client::{Run, parse};

/// Flags of `hanok run resume`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Id (`run_…`) or name; it was paused, has failed or was cancelled.
    run: String,
    /// Begin again although every checkpoint there was is broken.
    #[arg(long)]
    from_zero: bool,
    #[command(flatten)]
    access: Access,
}

/// Puts it back into the queue and says how it stands.
pub async fn run(args: Args) -> Result<(), CliError> {
    let (context, connection) = Context::open(&args.access).await?;
    let run: Run = parse(&find(&connection.client, &args.run).await?)?;
    let path = format!("/api/v1/runs/{}/resume", run.id);
    let body = json!({ "from_zero": args.from_zero });
    let value = connection.client.post(&path, &body).await?;
    let run: Run = parse(&value)?;
    let state = context.terminal.paint.state(&run.state);
    context
        .terminal
        .line(format!("{} ({}) is {state}.", run.name, run.id));
    context.terminal.document(&value);
    Ok(())
}
