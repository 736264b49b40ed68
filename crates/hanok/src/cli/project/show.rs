//! `hanok project show`.

use serde_json::json;

use crate::cli::dataset::encode;
use crate::cli::{Access, CliError, Context, list_all};
use crate::terminal::{Table, cut};

/// Flags of `hanok project show`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Id (`proj_…`), as `hanok project list` shows it.
    project_id: String,
    #[command(flatten)]
    access: Access,
}

/// Prints its members and service accounts.
pub async fn run(args: Args) -> Result<(), CliError> {
    let (context, connection) = Context::open(&args.access).await?;
    let client = &connection.client;
    let path = format!("/api/v1/projects/{}", encode(&args.project_id));
    let project = client.get(&path).await?;
    let (mut members, mut programs) = (Vec::new(), Vec::new());
    if project["deleted_at"].is_null() {
        members = list_all(client, &format!("{path}/members")).await?;
        programs = list_all(client, &format!("{path}/service-accounts")).await?;
    }
    context
        .terminal
        .line(project["name"].as_str().unwrap_or_default());
    let mut table = Table::new(&["id", "name", "role", "kind"]);
    let people = members.iter().map(|member| (member, "person"));
    for (value, kind) in people.chain(programs.iter().map(|program| (program, "program"))) {
        let text = |field: &str| value[field].as_str().unwrap_or_default();
        table.row(vec![
            text("id").to_owned(),
            cut(text("name"), 40),
            text("role").to_owned(),
            kind.to_owned(),
        ]);
    }
    table.print_or(&context.terminal, "It is in the bin.");
    context.terminal.document(&json!({
        "project": project, "members": members, "service_accounts": programs,
    }));
    Ok(())
}
