//! `hanok key list`.

use serde_json::{Value, json};

use crate::cli::{Access, CliError, Context, list_all};
use crate::terminal::{Table, cut, when};

/// Flags of `hanok key list`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    access: Access,
}

/// Prints the keys without their secrets.
pub async fn run(args: Args) -> Result<(), CliError> {
    let (context, connection) = Context::open(&args.access).await?;
    let values = list_all(&connection.client, "/api/v1/keys").await?;
    let mut table = Table::new(&[
        "id",
        "name",
        "begins with",
        "for",
        "made",
        "last used",
        "ends",
    ]);
    for value in &values {
        let text = |field: &str| value[field].as_str().unwrap_or_default();
        table.row(vec![
            text("id").to_owned(),
            cut(text("name"), 40),
            text("prefix").to_owned(),
            cut(&scopes(value), 40),
            when(text("created_at")),
            when(text("last_used_at")),
            end(value),
        ]);
    }
    table.print_or(
        &context.terminal,
        "No keys yet. `hanok key create --name NAME` makes one.",
    );
    context
        .terminal
        .document(&json!({ "object": "list", "data": values }));
    Ok(())
}

fn scopes(key: &Value) -> String {
    let scopes = key["scopes"].as_array().into_iter().flatten();
    let scopes: Vec<&str> = scopes.filter_map(Value::as_str).collect();
    match scopes.is_empty() {
        true => "all".to_owned(),
        false => scopes.join(" "),
    }
}

fn end(key: &Value) -> String {
    if key["revoked_at"].is_string() {
        return "revoked".to_owned();
    }
    key["expires_at"].as_str().map(when).unwrap_or_default()
}
