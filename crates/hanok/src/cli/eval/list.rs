//! `hanok eval list`.

use serde_json::json;

use crate::cli::report::Report;
use crate::cli::{Access, CliError, Context, list_all};
use crate::client::{Eval, parse};
use crate::terminal::{Table, percent, points, when};

/// Flags of `hanok eval list`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    access: Access,
}

/// Prints all evaluations, newest first.
pub async fn run(args: Args) -> Result<(), CliError> {
    let (context, connection) = Context::open(&args.access).await?;
    let values = list_all(&connection.client, "/api/v1/evals").await?;
    let mut table = Table::new(&["id", "model", "state", ">base", ">tuned", ">delta", "made"]);
    for value in &values {
        let eval: Eval = parse(value)?;
        let report = eval.report.as_ref().and_then(Report::read);
        let cell = |pick: fn(&Report) -> String| report.as_ref().map_or_else(String::new, pick);
        table.row(vec![
            eval.id,
            eval.model.map_or_else(String::new, |model| model.name),
            eval.state,
            cell(|r| percent(r.base.accuracy)),
            cell(|r| percent(r.tuned.accuracy)),
            cell(|r| points(r.comparison.delta)),
            when(&eval.created_at),
        ]);
    }
    table.print_or(
        &context.terminal,
        "No evaluations yet. A finished run makes one by itself.",
    );
    context
        .terminal
        .document(&json!({ "object": "list", "data": values }));
    Ok(())
}
