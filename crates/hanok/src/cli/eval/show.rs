//! `hanok eval show`: base | tuned | delta, the floor, and each class.

use crate::cli::dataset::encode;
use crate::cli::report::{Report, TextReport, print_report};
use crate::cli::{Access, CliError, Context};
use crate::client::{Eval, parse};
use crate::terminal::{Terminal, when};

/// Flags of `hanok eval show`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Id (`eval_…`).
    eval: String,
    #[command(flatten)]
    access: Access,
}

/// Prints the evaluation.
pub async fn run(args: Args) -> Result<(), CliError> {
    let (context, connection) = Context::open(&args.access).await?;
    let path = format!("/api/v1/evals/{}", encode(&args.eval));
    let value = connection.client.get(&path).await?;
    print_eval(&context.terminal, &parse(&value)?);
    context.terminal.document(&value);
    Ok(())
}

/// An evaluation for people.
pub fn print_eval(terminal: &Terminal, eval: &Eval) {
    let name = eval.model.as_ref().map_or("", |model| &model.name);
    terminal.line(format!(
        "{}  {}  {}",
        terminal.paint.bold(name),
        eval.id,
        terminal.paint.state(&eval.state)
    ));
    let made = when(&eval.created_at);
    terminal.line(format!(
        "  against {} on {}, {made}",
        eval.base_model, eval.dataset_id
    ));
    if let Some(report) = eval.report.as_ref().and_then(TextReport::read) {
        report.print(terminal);
        return;
    }
    match eval.report.as_ref().and_then(Report::read) {
        Some(report) => print_report(terminal, &report, true),
        None if eval.state == "succeeded" => {
            terminal.line("  (its report is of another version; --json prints it)");
        }
        None => {}
    }
}
