//! `hanok key rotate`.

use serde_json::json;

use crate::cli::dataset::encode;
use crate::cli::{Access, CliError, Context};

/// Flags of `hanok key rotate`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Id (`key_…`), as `hanok key list` shows it.
    key_id: String,
    /// The old key stays good for so many hours, at most 168.
    #[arg(long, value_name = "HOURS", default_value_t = 0)]
    grace_hours: u32,
    #[command(flatten)]
    access: Access,
}

/// Makes the successor and prints it alone, so that a shell can take it.
pub async fn run(args: Args) -> Result<(), CliError> {
    let (context, connection) = Context::open(&args.access).await?;
    let path = format!("/api/v1/keys/{}/rotate", encode(&args.key_id));
    let body = json!({ "grace_hours": args.grace_hours });
    let value = connection.client.post(&path, &body).await?;
    context
        .terminal
        .line(value["key"].as_str().unwrap_or_default());
    context
        .terminal
        .note("It is shown this once; the old key ends after its grace.");
    context.terminal.document(&value);
    Ok(())
}
