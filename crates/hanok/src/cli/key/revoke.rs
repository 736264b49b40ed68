//! `hanok key revoke`.

use crate::cli::dataset::encode;
use crate::cli::{Access, CliError, Context};

/// Flags of `hanok key revoke`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Id (`key_…`), as `hanok key list` shows it.
    key_id: String,
    #[command(flatten)]
    access: Access,
}

/// Revokes it.
pub async fn run(args: Args) -> Result<(), CliError> {
    let (context, connection) = Context::open(&args.access).await?;
    let path = format!("/api/v1/keys/{}", encode(&args.key_id));
    let value = connection.client.delete(&path).await?;
    context.terminal.line(format!("Revoked {}.", args.key_id));
    context.terminal.document(&value);
    Ok(())
}
