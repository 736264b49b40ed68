//! `hanok run …`: start, watch and cancel fine-tuning runs.

mod cancel;
mod list;
mod logs;
mod pause;
mod resume;
mod show;
pub mod start;
pub mod view;
pub mod watch;

use serde_json::Value;

use super::dataset::encode;
use super::{CliError, Failure};
use crate::client::{Client, ClientError, Run, parse};

/// The verbs.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Start a run on a data set.
    Start(start::Args),
    /// List runs, newest first.
    List(list::Args),
    /// Show one run: state, figures, what it made.
    Show(show::Args),
    /// Print a run's log.
    Logs(logs::Args),
    /// Follow a run live until it ends.
    Watch(watch::Args),
    /// Cancel a run.
    Cancel(cancel::Args),
    /// Pause a run: it saves where it is and stops.
    Pause(pause::Args),
    /// Go on with a run from its last checkpoint.
    Resume(resume::Args),
}

/// Runs a verb.
pub async fn run(command: Command) -> Result<(), CliError> {
    match command {
        Command::Start(args) => start::run(args).await,
        Command::List(args) => list::run(args).await,
        Command::Show(args) => show::run(args).await,
        Command::Logs(args) => logs::run(args).await,
        Command::Watch(args) => watch::run(args).await,
        Command::Cancel(args) => cancel::run(args).await,
        Command::Pause(args) => pause::run(args).await,
        Command::Resume(args) => resume::run(args).await,
    }
}

/// Finds a run by id, or the newest one of a name.
async fn find(client: &Client, wanted: &str) -> Result<Value, CliError> {
    match client
        .get(&format!("/api/v1/runs/{}", encode(wanted)))
        .await
    {
        Ok(value) => return Ok(value),
        Err(ClientError::Refused {
            status: 400 | 404 | 422,
            ..
        }) => {}
        Err(error) => return Err(error.into()),
    }
    for value in super::list_all(client, "/api/v1/runs").await? {
        if parse::<Run>(&value)?.name == wanted {
            return Ok(value);
        }
    }
    Err(Failure::new(format!("there is no run '{wanted}'"))
        .code("not_found")
        .remedy("`hanok run list` shows ids and names.")
        .into())
}
