//! `hanok run show`: one run in full.

use serde_json::Value;

use super::find;
use crate::cli::{Access, CliError, Context};
use crate::client::{Run, parse};
use crate::terminal::{Terminal, count, cut, when};

/// Flags of `hanok run show`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Id (`run_…`) or name.
    run: String,
    #[command(flatten)]
    access: Access,
}

/// Prints the run.
pub async fn run(args: Args) -> Result<(), CliError> {
    let (context, connection) = Context::open(&args.access).await?;
    let value = find(&connection.client, &args.run).await?;
    print_run(&context.terminal, &parse(&value)?);
    context.terminal.document(&value);
    Ok(())
}

/// A run for people.
pub fn print_run(terminal: &Terminal, run: &Run) {
    let paint = terminal.paint;
    terminal.line(format!(
        "{}  {}  {}",
        paint.bold(&cut(&run.name, 60)),
        run.id,
        paint.state(&run.state)
    ));
    terminal.line(format!(
        "  {} on {}, data set {}",
        run.method, run.base_model, run.dataset_id
    ));
    if let Some(progress) = run
        .progress
        .as_ref()
        .filter(|p| p.total > 0 && run.state == "running")
    {
        let (done, total) = (count(progress.done), count(progress.total));
        terminal.line(format!("  {done} of {total} {}", progress.unit));
    }
    for (label, time) in [
        ("queued", Some(&run.created_at)),
        ("began", run.started_at.as_ref()),
        ("ended", run.finished_at.as_ref()),
    ] {
        if let Some(time) = time {
            terminal.line(format!("  {label}  {}", when(time)));
        }
    }
    print_figures(terminal, "asked for", &run.params);
    print_figures(terminal, "figures", &run.metrics);
    if let Some(model) = &run.model {
        terminal.line(format!(
            "  model  {}  ({})",
            paint.bold(&model.name),
            model.id
        ));
    }
    if let Some(eval) = &run.eval_id {
        terminal.line(format!("  evaluation  {eval}  (hanok eval show {eval})"));
    }
    if let Some(fault) = &run.error {
        terminal.line(format!("  {}", paint.bad(&fault.message)));
    }
}

fn print_figures(terminal: &Terminal, title: &str, figures: &Value) {
    let Some(figures) = figures.as_object().filter(|f| !f.is_empty()) else {
        return;
    };
    let words: Vec<String> = figures
        .iter()
        .filter(|(_, value)| !value.is_object() && !value.is_array() && !value.is_null())
        .map(|(name, value)| format!("{} {}", name.replace('_', " "), short(value)))
        .collect();
    if !words.is_empty() {
        terminal.line(format!("  {title}  {}", words.join(", ")));
    }
}

fn short(value: &Value) -> String {
    match value {
        Value::String(text) => cut(text, 40),
        Value::Number(n) if n.is_f64() => {
            let n = n.as_f64().unwrap_or_default();
            let text = format!("{n:.4}");
            text.trim_end_matches('0').trim_end_matches('.').to_owned()
        }
        other => other.to_string(),
    }
}
