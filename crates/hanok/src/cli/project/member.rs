//! `hanok project member …`, and `hanok role set`, which is the same for a member that is there.

use serde_json::json;

use crate::cli::dataset::encode;
use crate::cli::{Access, CliError, Context};

/// The verbs.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Add a member.
    Add(Member),
    /// Give a member another role.
    Role(Member),
    /// Remove a member; yourself to leave.
    Remove(Gone),
}

/// A member and their role.
#[derive(Debug, clap::Args)]
pub struct Member {
    /// Id of the project (`proj_…`).
    project_id: String,
    /// Name or id of the account.
    user: String,
    /// `owner`, `editor` or `viewer`.
    #[arg(long)]
    role: String,
    #[command(flatten)]
    access: Access,
}

/// A member who goes.
#[derive(Debug, clap::Args)]
pub struct Gone {
    /// Id of the project (`proj_…`).
    project_id: String,
    /// Name or id of the account.
    user: String,
    #[command(flatten)]
    access: Access,
}

/// Runs a verb.
pub async fn run(command: Command) -> Result<(), CliError> {
    match command {
        Command::Add(args) => {
            let body = json!({ "user": args.user, "role": args.role });
            let path = members(&args.project_id);
            tell(&args.access, &path, &body, "is a member").await
        }
        Command::Role(args) => {
            let path = format!("{}/{}", members(&args.project_id), encode(&args.user));
            let body = json!({ "role": args.role });
            tell(&args.access, &path, &body, "has the role").await
        }
        Command::Remove(args) => {
            let (context, connection) = Context::open(&args.access).await?;
            let path = format!("{}/{}", members(&args.project_id), encode(&args.user));
            let value = connection.client.delete(&path).await?;
            context
                .terminal
                .line(format!("{} is no longer a member.", args.user));
            context.terminal.document(&value);
            Ok(())
        }
    }
}

fn members(project: &str) -> String {
    format!("/api/v1/projects/{}/members", encode(project))
}

async fn tell(
    access: &Access,
    path: &str,
    body: &serde_json::Value,
    what: &str,
) -> Result<(), CliError> {
    let (context, connection) = Context::open(access).await?;
    let value = connection.client.post(path, body).await?;
    let text = |field: &str| value[field].as_str().unwrap_or_default();
    let line = format!("{} {what}: {}.", text("name"), text("role"));
    context.terminal.line(line);
    context.terminal.document(&value);
    Ok(())
}
