//! `hanok user list`.

use serde_json::json;

use crate::cli::{Access, CliError, Context, list_all};
use crate::terminal::{Table, cut, when};

/// Flags of `hanok user list`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    access: Access,
}

/// Prints the accounts, newest first.
pub async fn run(args: Args) -> Result<(), CliError> {
    let (context, connection) = Context::open(&args.access).await?;
    let values = list_all(&connection.client, "/api/v1/users").await?;
    let mut table = Table::new(&["id", "name", "address", "role", "state", "made"]);
    for value in &values {
        let text = |field: &str| value[field].as_str().unwrap_or_default();
        table.row(vec![
            text("id").to_owned(),
            cut(text("name"), 40),
            cut(text("email"), 40),
            text("role").to_owned(),
            text("state").to_owned(),
            when(text("created_at")),
        ]);
    }
    table.print_or(&context.terminal, "No accounts.");
    context
        .terminal
        .document(&json!({ "object": "list", "data": values }));
    Ok(())
}
