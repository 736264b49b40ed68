//! `hanok eval …`: base against tuned.

mod list;
pub mod run;
pub mod show;

use super::CliError;

/// The verbs.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Evaluate a tuned model beside its base on held-out rows.
    Run(run::Args),
    /// List evaluations, newest first.
    List(list::Args),
    /// Show one evaluation.
    Show(show::Args),
}

/// Runs a verb.
pub async fn run(command: Command) -> Result<(), CliError> {
    match command {
        Command::Run(args) => run::run(args).await,
        Command::List(args) => list::run(args).await,
        Command::Show(args) => show::run(args).await,
    }
}
