//! `hanok run list`.

use serde_json::json;

use crate::cli::{Access, CliError, Context, list_all};
use crate::client::{Run, parse};
use crate::terminal::{Table, cut, when};

/// Flags of `hanok run list`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    access: Access,
}

/// Prints all runs, newest first.
pub async fn run(args: Args) -> Result<(), CliError> {
    let (context, connection) = Context::open(&args.access).await?;
    let values = list_all(&connection.client, "/api/v1/runs").await?;
    let mut table = Table::new(&["id", "name", "state", "model", "made"]);
    for value in &values {
        let run: Run = parse(value)?;
        table.row(vec![
            run.id,
            cut(&run.name, 40),
            run.state,
            run.model.map_or_else(String::new, |model| model.name),
            when(&run.created_at),
        ]);
    }
    table.print_or(
        &context.terminal,
        "No runs yet. `hanok run start --dataset NAME` starts one.",
    );
    context
        .terminal
        .document(&json!({ "object": "list", "data": values }));
    Ok(())
}
