//! `hanok audit list`.

use serde_json::{Value, json};

use super::filter::Filters;
use crate::cli::{Access, CliError, Context};
use crate::client::{List, parse};
use crate::terminal::{Table, cut, when};

/// Rows of one request.
const PAGE: usize = 100;

/// Flags of `hanok audit list`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Rows at most.
    #[arg(long, value_name = "N", default_value_t = 50)]
    limit: usize,
    #[command(flatten)]
    filters: Filters,
    #[command(flatten)]
    access: Access,
}

/// Prints rows, newest first.
pub async fn run(args: Args) -> Result<(), CliError> {
    let (context, connection) = Context::open(&args.access).await?;
    let filters = args.filters.query();
    let (mut rows, mut after): (Vec<Value>, String) = (Vec::new(), String::new());
    while rows.len() < args.limit {
        let limit = PAGE.min(args.limit - rows.len());
        let path = format!("/api/v1/audit?limit={limit}{after}{filters}");
        let page: List = parse(&connection.client.get(&path).await?)?;
        rows.extend(page.data);
        match page.last_id {
            Some(last) if page.has_more => after = format!("&after={last}"),
            _ => break,
        }
    }
    let mut table = Table::new(&["when", "who", "action", "object", "outcome", "address"]);
    for row in &rows {
        let text = |field: &str| row[field].as_str().unwrap_or_default();
        let who = match text("actor_name") {
            "" => text("actor"),
            name => name,
        };
        table.row(vec![
            when(text("at")),
            cut(who, 30),
            cut(text("action"), 30),
            cut(text("object_id"), 40),
            text("outcome").to_owned(),
            cut(text("address"), 40),
        ]);
    }
    table.print_or(&context.terminal, "No row fits.");
    context
        .terminal
        .document(&json!({ "object": "list", "data": rows }));
    Ok(())
}
