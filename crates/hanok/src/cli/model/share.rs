//! `hanok model share`.

use super::find;
use crate::cli::{Access, CliError, Context, share};
use crate::client::{Model, parse};

/// Flags of `hanok model share`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Id (`model_…`) or name.
    model: String,
    #[command(flatten)]
    share: share::Args,
    #[command(flatten)]
    access: Access,
}

/// Gives the copy and names it.
pub async fn run(args: Args) -> Result<(), CliError> {
    let (context, connection) = Context::open(&args.access).await?;
    let model: Model = parse(&find(&connection.client, &args.model).await?)?;
    let path = format!("/api/v1/models/{}/share", model.id);
    share::run(&context, &connection.client, &path, &args.share).await
}
