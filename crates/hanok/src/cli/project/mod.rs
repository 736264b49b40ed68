//! `hanok project …`: projects and who is in them.

mod create;
mod delete;
mod list;
pub mod member;
mod restore;
mod show;

use super::CliError;

/// The verbs.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Make a team project that you own.
    Create(create::Args),
    /// List the projects that you are in.
    List(list::Args),
    /// Show one, with its members.
    Show(show::Args),
    /// Put one into the bin for seven days, or erase it.
    Delete(delete::Args),
    /// Take one out of the bin.
    Restore(restore::Args),
    /// Add, change and remove members.
    #[command(subcommand, arg_required_else_help = true)]
    Member(member::Command),
}

/// Runs a verb.
pub async fn run(command: Command) -> Result<(), CliError> {
    match command {
        Command::Create(args) => create::run(args).await,
        Command::List(args) => list::run(args).await,
        Command::Show(args) => show::run(args).await,
        Command::Delete(args) => delete::run(args).await,
        Command::Restore(args) => restore::run(args).await,
        Command::Member(command) => member::run(command).await,
    }
}
