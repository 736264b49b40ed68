//! `hanok project create`.

use serde_json::json;

use crate::cli::{Access, CliError, Context};

/// Flags of `hanok project create`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// What it is called.
    #[arg(long)]
    name: String,
    #[command(flatten)]
    access: Access,
}

/// Makes it and prints its id alone, so that a shell can take it.
pub async fn run(args: Args) -> Result<(), CliError> {
    let (context, connection) = Context::open(&args.access).await?;
    let body = json!({ "name": args.name });
    let value = connection.client.post("/api/v1/projects", &body).await?;
    context
        .terminal
        .line(value["id"].as_str().unwrap_or_default());
    context
        .terminal
        .note("`--project` or HANOK_PROJECT has commands work in it.");
    context.terminal.document(&value);
    Ok(())
}
