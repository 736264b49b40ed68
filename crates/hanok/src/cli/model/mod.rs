//! `hanok model …`: bring models from directories, look at and delete them.

mod delete;
mod directory;
mod import;
mod list;
mod share;
mod show;

use serde_json::Value;

use super::dataset::encode;
use super::nearest::close;
use super::{CliError, Failure, list_all};
use crate::client::{Client, ClientError};

/// The verbs.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Upload a model directory in the layout of Hugging Face and wait until it is ready.
    Import(import::Args),
    /// List models: your own, newest first, and those that ship.
    List(list::Args),
    /// Show one model: what it is, its files, where it comes from.
    Show(show::Args),
    /// Give another project a copy of a model.
    Share(share::Args),
    /// Delete a model.
    Delete(delete::Args),
}

/// Runs a verb.
pub async fn run(command: Command) -> Result<(), CliError> {
    match command {
        Command::Import(args) => import::run(args).await,
        Command::List(args) => list::run(args).await,
        Command::Show(args) => show::run(args).await,
        Command::Share(args) => share::run(args).await,
        Command::Delete(args) => delete::run(args).await,
    }
}

/// Finds a model of one's own by id or name; one that is not there is told with the names that come close.
pub async fn find(client: &Client, wanted: &str) -> Result<Value, CliError> {
    let path = format!("/api/v1/models/{}", encode(wanted));
    match client.get(&path).await {
        Ok(value) => return Ok(value),
        Err(ClientError::Refused {
            status: 400 | 404 | 422,
            ..
        }) => {}
        Err(error) => return Err(error.into()),
    }
    let mut names = Vec::new();
    for value in list_all(client, "/api/v1/models").await? {
        if value["id"] == wanted || value["name"] == wanted {
            return Ok(value);
        }
        names.extend(value["name"].as_str().map(str::to_owned));
    }
    let mut remedy = "`hanok model list` shows ids and names.".to_owned();
    let near = close(wanted, names.iter().map(String::as_str));
    if !near.is_empty() {
        remedy = format!("Close to it: {}. {remedy}", near.join(", "));
    }
    Err(Failure::new(format!("there is no model '{wanted}'"))
        .code("not_found")
        .remedy(remedy)
        .into())
}
