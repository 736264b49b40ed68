//! `hanok role …`: what members may do.

use super::CliError;
use super::project::member;

/// The verbs.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Give a member of a project another role.
    Set(member::Member),
}

/// Runs a verb.
pub async fn run(command: Command) -> Result<(), CliError> {
    match command {
        Command::Set(args) => member::run(member::Command::Role(args)).await,
    }
}
