//! Sharing, for every noun that is shared: the flags, and the project by id or name.

use serde_json::json;

use super::{CliError, Context, Failure, list_all};
use crate::client::Client;

/// Who is given a copy.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The project that gets it: id (`proj_…`) or name.
    #[arg(long, value_name = "PROJECT")]
    to: String,
    /// What it is called there; its own name without one.
    #[arg(long)]
    name: Option<String>,
}

/// Has it done and names the copy.
pub async fn run(
    context: &Context,
    client: &Client,
    path: &str,
    args: &Args,
) -> Result<(), CliError> {
    let project = find(client, &args.to).await?;
    let body = json!({ "project": project, "name": args.name });
    let value = client.post_slow(path, &body).await?;
    let told = |field: &str| value[field].as_str().unwrap_or_default().to_owned();
    context.terminal.line(format!(
        "'{}' has its copy: {} ({}).",
        args.to,
        told("name"),
        told("id")
    ));
    context.terminal.document(&value);
    Ok(())
}

async fn find(client: &Client, wanted: &str) -> Result<String, CliError> {
    let mut found = Vec::new();
    for project in list_all(client, "/api/v1/projects").await? {
        let id = project["id"].as_str().unwrap_or_default();
        if id == wanted || project["name"] == wanted {
            found.push(id.to_owned());
        }
    }
    match found.as_slice() {
        // An administrator knows projects that they are not in.
        [] if wanted.starts_with("proj_") => Ok(wanted.to_owned()),
        [one] => Ok(one.clone()),
        [] => Err(failure(format!("you are in no project '{wanted}'"))),
        _ => Err(failure(format!("there are several projects '{wanted}'"))),
    }
}

fn failure(text: String) -> CliError {
    Failure::new(text)
        .code("not_found")
        .remedy("`hanok project list` shows ids and names.")
        .into()
}
