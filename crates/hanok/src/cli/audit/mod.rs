//! `hanok audit …`: who did what, and whether the log of it holds.

mod export;
mod filter;
mod list;
mod verify;

use super::CliError;

/// The verbs.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Show rows of the audit log, newest first.
    List(list::Args),
    /// Write the audit log as a file.
    Export(export::Args),
    /// Recompute the chain of the audit log and name the first bad row.
    Verify(verify::Args),
}

/// Runs a verb.
pub async fn run(command: Command) -> Result<(), CliError> {
    match command {
        Command::List(args) => list::run(args).await,
        Command::Export(args) => export::run(args).await,
        Command::Verify(args) => verify::run(args).await,
    }
}
