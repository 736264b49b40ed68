//! `hanok project delete`.

use serde_json::json;

use crate::cli::dataset::encode;
use crate::cli::{Access, CliError, Context};

/// Flags of `hanok project delete`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Id (`proj_…`), as `hanok project list` shows it.
    project_id: String,
    /// Erase it without a way back; the project's name, as it stands, is the proof that it is meant.
    #[arg(long, value_name = "NAME")]
    now: Option<String>,
    #[command(flatten)]
    access: Access,
}

/// Deletes it.
pub async fn run(args: Args) -> Result<(), CliError> {
    let (context, connection) = Context::open(&args.access).await?;
    let path = format!("/api/v1/projects/{}", encode(&args.project_id));
    let body = json!({ "now": args.now.is_some(), "name": args.now });
    let value = connection.client.delete_with(&path, &body).await?;
    let text = match args.now {
        Some(_) => format!("{} is erased by the next sweep.", args.project_id),
        None => format!("{} is in the bin for seven days.", args.project_id),
    };
    context.terminal.line(text);
    context.terminal.document(&value);
    Ok(())
}
