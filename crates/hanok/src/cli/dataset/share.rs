//! `hanok dataset share`.

use super::find;
use crate::cli::{Access, CliError, Context, share};
use crate::client::{Dataset, parse};

/// Flags of `hanok dataset share`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Id (`ds_…`) or name.
    dataset: String,
    #[command(flatten)]
    share: share::Args,
    #[command(flatten)]
    access: Access,
}

/// Gives the copy and names it.
pub async fn run(args: Args) -> Result<(), CliError> {
    let (context, connection) = Context::open(&args.access).await?;
    let dataset: Dataset = parse(&find(&connection.client, &args.dataset).await?)?;
    let path = format!("/api/v1/datasets/{}/share", dataset.id);
    share::run(&context, &connection.client, &path, &args.share).await
}
