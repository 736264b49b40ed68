//! `hanok user …`: accounts.

mod change;
mod create;
mod invite;
mod list;
mod reset;
mod secret;
mod show;

use super::CliError;

/// The verbs.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Make an account; prints the link that sets its password.
    Create(create::Args),
    /// List accounts.
    List(list::Args),
    /// Show one account.
    Show(show::Args),
    /// Give an account another role; its sessions end.
    Role(change::RoleArgs),
    /// Disable an account: its sessions end, its keys do nothing.
    Disable(change::Args),
    /// Enable an account, and open one that was locked.
    Enable(change::Args),
    /// Delete an account for good; what its projects have stays.
    Delete(change::Args),
    /// Make a link that sets a new password.
    Reset(reset::Args),
    /// Invite somebody to make an account.
    Invite(invite::Args),
    /// Make a one-time password for the administrator; earlier unused ones are void.
    Secret(secret::Args),
}

/// Runs a verb.
pub async fn run(command: Command) -> Result<(), CliError> {
    match command {
        Command::Create(args) => create::run(args).await,
        Command::List(args) => list::run(args).await,
        Command::Show(args) => show::run(args).await,
        Command::Role(args) => change::role(args).await,
        Command::Disable(args) => change::disable(args).await,
        Command::Enable(args) => change::enable(args).await,
        Command::Delete(args) => change::delete(args).await,
        Command::Reset(args) => reset::run(args).await,
        Command::Invite(args) => invite::run(args).await,
        Command::Secret(args) => secret::run(args).await,
    }
}
