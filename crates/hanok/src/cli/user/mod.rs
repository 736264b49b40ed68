//! `hanok user …`: accounts. There is one so far, the administrator.

mod secret;

use super::CliError;

/// The verbs.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Make a one-time password for the pages; earlier unused ones are void.
    Secret(secret::Args),
}

/// Runs a verb.
pub async fn run(command: Command) -> Result<(), CliError> {
    match command {
        Command::Secret(args) => secret::run(args).await,
    }
}
