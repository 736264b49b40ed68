//! `hanok user show`.

use crate::cli::dataset::encode;
use crate::cli::{Access, CliError, Context};

/// Flags of `hanok user show`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Name or id.
    user: String,
    #[command(flatten)]
    access: Access,
}

/// Prints one account.
pub async fn run(args: Args) -> Result<(), CliError> {
    let (context, connection) = Context::open(&args.access).await?;
    let path = format!("/api/v1/users/{}", encode(&args.user));
    let value = connection.client.get(&path).await?;
    for field in ["id", "name", "email", "role", "state", "created_at"] {
        let text = value[field].as_str().unwrap_or("-");
        context.terminal.line(format!("{field:<11}{text}"));
    }
    context.terminal.document(&value);
    Ok(())
}
