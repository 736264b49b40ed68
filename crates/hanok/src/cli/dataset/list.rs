//! `hanok dataset list`.

use serde_json::json;

use crate::cli::{Access, CliError, Context, list_all};
use crate::client::{Dataset, parse};
use crate::terminal::{Table, count, cut, when};

/// Flags of `hanok dataset list`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    access: Access,
}

/// Prints all data sets, newest first.
pub async fn run(args: Args) -> Result<(), CliError> {
    let (context, connection) = Context::open(&args.access).await?;
    let values = list_all(&connection.client, "/api/v1/datasets").await?;
    let mut table = Table::new(&["id", "name", "state", ">rows", ">labels", "made"]);
    for value in &values {
        let dataset: Dataset = parse(value)?;
        let (rows, labels) = dataset.version.map_or_else(Default::default, |v| {
            (count(v.rows), count(v.labels.len() as u64))
        });
        table.row(vec![
            dataset.id,
            cut(&dataset.name, 40),
            dataset.state,
            rows,
            labels,
            when(&dataset.created_at),
        ]);
    }
    table.print_or(
        &context.terminal,
        "No data sets yet. `hanok dataset import FILE` brings one.",
    );
    context
        .terminal
        .document(&json!({ "object": "list", "data": values }));
    Ok(())
}
