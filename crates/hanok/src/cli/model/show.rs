//! `hanok model show`: one model in full.

use super::find;
use crate::cli::{Access, CliError, Context};
use crate::client::{Model, parse};
use crate::terminal::{Table, Terminal, bytes, count, cut, number_of, when};

/// Classes that are listed.
const LABELS_SHOWN: usize = 20;

/// Flags of `hanok model show`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Id (`model_…`) or name.
    model: String,
    #[command(flatten)]
    access: Access,
}

/// Prints the model.
pub async fn run(args: Args) -> Result<(), CliError> {
    let (context, connection) = Context::open(&args.access).await?;
    let value = find(&connection.client, &args.model).await?;
    print_model(&context.terminal, &parse(&value)?);
    context.terminal.document(&value);
    Ok(())
}

/// A model for people.
pub fn print_model(terminal: &Terminal, model: &Model) {
    let paint = terminal.paint;
    terminal.line(format!(
        "{}  {}  {}",
        paint.bold(&model.name),
        model.id,
        paint.state(&model.status)
    ));
    terminal.line(format!("  {}", facts(model).join(", ")));
    if !model.base_model.is_empty() {
        terminal.line(format!("  tuned from {}", model.base_model));
    }
    if let Some(run) = &model.run_id {
        terminal.line(format!("  made by {run}  (hanok run show {run})"));
    }
    terminal.line(format!("  made {}", when(&model.created_at)));
    if !model.labels.is_empty() {
        let more = if model.labels.len() > LABELS_SHOWN {
            ", …"
        } else {
            ""
        };
        let shown: Vec<String> = model
            .labels
            .iter()
            .take(LABELS_SHOWN)
            .map(|l| cut(l, 40))
            .collect();
        terminal.line(format!("  labels: {}{more}", shown.join(", ")));
    }
    if let Some(fault) = &model.error {
        terminal.line(format!("  {}", paint.bad(&fault.message)));
    }
    print_files(terminal, model);
}

fn facts(model: &Model) -> Vec<String> {
    let mut facts = vec![model.kind.clone()];
    facts.extend(model.architecture.clone());
    facts.extend(
        model
            .parameters
            .map(|n| format!("{} weights", number_of(n))),
    );
    facts.extend(
        model
            .context_length
            .map(|n| format!("reads {} tokens", count(n))),
    );
    if model.has_chat_template {
        facts.push("has a chat template".to_owned());
    }
    if model.format == "peft" {
        facts.push("an adapter".to_owned());
    }
    facts
}

fn print_files(terminal: &Terminal, model: &Model) {
    if model.files.is_empty() {
        return;
    }
    terminal.line(format!(
        "  {} in {}",
        bytes(model.bytes),
        files(model.files.len())
    ));
    let mut table = Table::new(&["file", ">size"]);
    for file in &model.files {
        table.row(vec![cut(&file.path, 60), bytes(file.size)]);
    }
    table.print(terminal, "    ");
}

fn files(n: usize) -> String {
    if n == 1 {
        "1 file".to_owned()
    } else {
        format!("{n} files")
    }
}
