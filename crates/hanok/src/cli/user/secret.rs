//! `hanok user secret`.

use serde_json::json;

use crate::cli::{Access, CliError, Context};

/// Flags of `hanok user secret`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    access: Access,
}

/// Makes a one-time password and prints it alone, so that a shell can take it.
pub async fn run(args: Args) -> Result<(), CliError> {
    let (context, connection) = Context::open(&args.access).await?;
    let value = connection
        .client
        .post("/api/v1/sign-in-secrets", &json!({}))
        .await?;
    context
        .terminal
        .line(value["secret"].as_str().unwrap_or_default());
    context
        .terminal
        .note("It signs the administrator in once, within a day.");
    context.terminal.document(&value);
    Ok(())
}
