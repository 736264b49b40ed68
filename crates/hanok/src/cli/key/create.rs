//! `hanok key create`.

use serde_json::json;

use crate::cli::{Access, CliError, Context};

/// Flags of `hanok key create`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// What the key is for.
    #[arg(long)]
    name: String,
    #[command(flatten)]
    access: Access,
}

/// Makes a key and prints it alone, so that a shell can take it.
pub async fn run(args: Args) -> Result<(), CliError> {
    let (context, connection) = Context::open(&args.access).await?;
    let body = json!({ "name": args.name });
    let value = connection.client.post("/api/v1/keys", &body).await?;
    context
        .terminal
        .line(value["key"].as_str().unwrap_or_default());
    context
        .terminal
        .note("It is shown this once; `hanok key revoke` ends it.");
    context.terminal.document(&value);
    Ok(())
}
