//! `hanok project list`.

use serde_json::json;

use crate::cli::{Access, CliError, Context, list_all};
use crate::terminal::{Table, cut, when};

/// Flags of `hanok project list`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    access: Access,
}

/// Prints the projects.
pub async fn run(args: Args) -> Result<(), CliError> {
    let (context, connection) = Context::open(&args.access).await?;
    let values = list_all(&connection.client, "/api/v1/projects").await?;
    let mut table = Table::new(&["id", "name", "kind", "role", "made", "deleted"]);
    for value in &values {
        let text = |field: &str| value[field].as_str().unwrap_or_default();
        table.row(vec![
            text("id").to_owned(),
            cut(text("name"), 40),
            text("kind").to_owned(),
            text("role").to_owned(),
            when(text("created_at")),
            when(text("deleted_at")),
        ]);
    }
    table.print_or(&context.terminal, "You are in no project.");
    context
        .terminal
        .document(&json!({ "object": "list", "data": values }));
    Ok(())
}
