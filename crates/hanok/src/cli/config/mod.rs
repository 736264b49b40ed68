//! `hanok config …`.

mod show;

use super::CliError;

/// The verbs.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Show every setting, its value (secrets masked) and where it came from.
    Show(show::Args),
}

/// Runs a verb.
pub fn run(command: Command) -> Result<(), CliError> {
    match command {
        Command::Show(args) => show::run(args),
    }
}
