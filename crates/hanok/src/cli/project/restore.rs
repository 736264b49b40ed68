//! `hanok project restore`.

use serde_json::json;

use crate::cli::dataset::encode;
use crate::cli::{Access, CliError, Context};

/// Flags of `hanok project restore`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Id (`proj_…`), as `hanok project list` shows it.
    project_id: String,
    #[command(flatten)]
    access: Access,
}

/// Restores it.
pub async fn run(args: Args) -> Result<(), CliError> {
    let (context, connection) = Context::open(&args.access).await?;
    let path = format!("/api/v1/projects/{}/restore", encode(&args.project_id));
    let value = connection.client.post(&path, &json!({})).await?;
    context
        .terminal
        .line(format!("{} is back.", args.project_id));
    context.terminal.document(&value);
    Ok(())
}
