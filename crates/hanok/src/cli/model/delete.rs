//! `hanok model delete`.

use super::find;
use crate::cli::{Access, CliError, Context};
use crate::client::{Model, parse};

/// Flags of `hanok model delete`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Id (`model_…`) or name.
    model: String,
    #[command(flatten)]
    access: Access,
}

/// Deletes it and names it.
pub async fn run(args: Args) -> Result<(), CliError> {
    let (context, connection) = Context::open(&args.access).await?;
    let model: Model = parse(&find(&connection.client, &args.model).await?)?;
    let path = format!("/api/v1/models/{}", model.id);
    let value = connection.client.delete(&path).await?;
    context
        .terminal
        .line(format!("Deleted {} ({}).", model.name, model.id));
    context.terminal.document(&value);
    Ok(())
}
