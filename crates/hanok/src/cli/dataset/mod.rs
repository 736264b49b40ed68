//! `hanok dataset …`: bring, look at and delete data sets.

mod delete;
pub mod import;
mod list;
mod preview;
mod share;
pub mod show;

use serde_json::Value;

use super::{CliError, Failure};
use crate::client::{Client, ClientError, Dataset, parse};

/// The verbs.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Upload a CSV, TSV or JSONL file and wait until it is ready.
    Import(import::Args),
    /// List data sets, newest first.
    List(list::Args),
    /// Show one data set: rows, classes, what the import found.
    Show(show::Args),
    /// Print the first rows.
    #[command(visible_alias = "rows")]
    Preview(preview::Args),
    /// Give another project a copy of a data set.
    Share(share::Args),
    /// Delete a data set.
    Delete(delete::Args),
}

/// Runs a verb.
pub async fn run(command: Command) -> Result<(), CliError> {
    match command {
        Command::Import(args) => import::run(args).await,
        Command::List(args) => list::run(args).await,
        Command::Show(args) => show::run(args).await,
        Command::Preview(args) => preview::run(args).await,
        Command::Share(args) => share::run(args).await,
        Command::Delete(args) => delete::run(args).await,
    }
}

/// Finds a data set by id, or the newest one of a name.
pub async fn find(client: &Client, wanted: &str) -> Result<Value, CliError> {
    match client
        .get(&format!("/api/v1/datasets/{}", encode(wanted)))
        .await
    {
        Ok(value) => return Ok(value),
        Err(ClientError::Refused {
            status: 400 | 404 | 422,
            ..
        }) => {}
        Err(error) => return Err(error.into()),
    }
    for value in super::list_all(client, "/api/v1/datasets").await? {
        if parse::<Dataset>(&value)?.name == wanted {
            return Ok(value);
        }
    }
    Err(Failure::new(format!("there is no data set '{wanted}'"))
        .code("not_found")
        .remedy("`hanok dataset list` shows ids and names.")
        .into())
}

/// A word as one segment of a path.
pub fn encode(word: &str) -> String {
    word.bytes()
        .map(|b| match b {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' | b':' => {
                (b as char).to_string()
            }
            _ => format!("%{b:02X}"),
        })
        .collect()
}
