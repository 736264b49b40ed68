//! `hanok dataset preview`: the first rows.

use serde_json::Value;

use super::find;
use crate::cli::{Access, CliError, Context};
use crate::client::{Dataset, List, parse};
use crate::terminal::cut;

/// Flags of `hanok dataset preview`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Id (`ds_…`) or name.
    dataset: String,
    /// Rows to print.
    #[arg(long, default_value_t = 20, value_name = "N")]
    limit: u64,
    /// Begin after this row.
    #[arg(long, default_value_t = 0, value_name = "ROW")]
    after: u64,
    #[command(flatten)]
    access: Access,
}

/// Prints rows as `number  column: value`.
pub async fn run(args: Args) -> Result<(), CliError> {
    let (context, connection) = Context::open(&args.access).await?;
    let dataset: Dataset = parse(&find(&connection.client, &args.dataset).await?)?;
    let path = format!(
        "/api/v1/datasets/{}/rows?after={}&limit={}",
        dataset.id, args.after, args.limit
    );
    let value = connection.client.get(&path).await?;
    let page: List = parse(&value)?;
    for row in &page.data {
        let cells = row["values"].as_object().into_iter().flatten();
        let cells: Vec<String> = cells
            .map(|(column, text)| format!("{column}: {}", cut(&plain(text), 100)))
            .collect();
        context
            .terminal
            .line(format!("{:>6}  {}", row["row"], cells.join("  ")));
    }
    if page.has_more {
        context
            .terminal
            .note("There are more rows: --after and --limit move on.");
    }
    context.terminal.document(&value);
    Ok(())
}

fn plain(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}
