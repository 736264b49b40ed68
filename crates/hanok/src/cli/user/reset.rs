//! `hanok user reset`.

use serde_json::json;

use crate::cli::dataset::encode;
use crate::cli::{Access, CliError, Context};

/// Flags of `hanok user reset`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Name or id.
    user: String,
    #[command(flatten)]
    access: Access,
}

/// Makes a link that sets a new password and prints it alone, so that a shell can take it.
pub async fn run(args: Args) -> Result<(), CliError> {
    let (context, connection) = Context::open(&args.access).await?;
    let path = format!("/api/v1/users/{}/reset", encode(&args.user));
    let value = connection.client.post(&path, &json!({})).await?;
    context
        .terminal
        .line(value["link"].as_str().unwrap_or_default());
    context
        .terminal
        .note("It sets a new password, once, within an hour; sessions end with that.");
    context.terminal.document(&value);
    Ok(())
}
