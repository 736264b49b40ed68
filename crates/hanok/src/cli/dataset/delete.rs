//! `hanok dataset delete`.

use super::find;
use crate::cli::{Access, CliError, Context};
use crate::client::{Dataset, parse};

/// Flags of `hanok dataset delete`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Id (`ds_…`) or name.
    dataset: String,
    #[command(flatten)]
    access: Access,
}

/// Deletes it and names it.
pub async fn run(args: Args) -> Result<(), CliError> {
    let (context, connection) = Context::open(&args.access).await?;
    let dataset: Dataset = parse(&find(&connection.client, &args.dataset).await?)?;
    let path = format!("/api/v1/datasets/{}", dataset.id);
    let value = connection.client.delete(&path).await?;
    context
        .terminal
        .line(format!("Deleted {} ({}).", dataset.name, dataset.id));
    context.terminal.document(&value);
    Ok(())
}
