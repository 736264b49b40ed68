//! `hanok key …`: API keys of the local account.

mod create;
mod list;
mod revoke;
mod rotate;

use super::CliError;

/// The verbs.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Make a key; it is shown once.
    Create(create::Args),
    /// List keys by name and prefix.
    List(list::Args),
    /// Revoke a key at once.
    Revoke(revoke::Args),
    /// Make a key's successor; the old one ends after a grace.
    Rotate(rotate::Args),
}

/// Runs a verb.
pub async fn run(command: Command) -> Result<(), CliError> {
    match command {
        Command::Create(args) => create::run(args).await,
        Command::List(args) => list::run(args).await,
        Command::Revoke(args) => revoke::run(args).await,
        Command::Rotate(args) => rotate::run(args).await,
    }
}
