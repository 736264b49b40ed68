//! `hanok run watch`: a live bar until the run has ended, then what came of it.

use serde_json::Value;

use super::find;
use super::show::print_run;
use super::view::RunView;
use crate::cli::follow::{Subject, failure_of, follow};
use crate::cli::{Access, CliError, Context};
use crate::client::{Client, Run, parse};
use crate::terminal::Terminal;

/// Flags of `hanok run watch`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Id (`run_…`) or name.
    run: String,
    #[command(flatten)]
    access: Access,
}

/// Watches a run. Under `--json` every event is a line, the run as it ended is the last.
pub async fn run(args: Args) -> Result<(), CliError> {
    let (context, connection) = Context::open(&args.access).await?;
    let started: Run = parse(&find(&connection.client, &args.run).await?)?;
    let ended = watch(&connection.client, &context.terminal, &started, true).await?;
    context.terminal.emit(&ended);
    Ok(())
}

/// Follows a run to its end and prints it; a run that did not succeed is an error.
pub async fn watch(
    client: &Client,
    terminal: &Terminal,
    started: &Run,
    stream: bool,
) -> Result<Value, CliError> {
    let value = to_end(client, terminal, started, "Training", stream).await?;
    let ended: Run = parse(&value)?;
    print_run(terminal, &ended);
    Ok(value)
}

/// Follows a run to its end.
pub async fn to_end(
    client: &Client,
    terminal: &Terminal,
    started: &Run,
    title: &str,
    stream: bool,
) -> Result<Value, CliError> {
    let subject = Subject {
        path: format!("/api/v1/runs/{}", started.id),
        name: format!("run {}", started.name),
        again: format!("hanok run watch {}", started.id),
        cancellable: true,
        id: started.id.clone(),
    };
    let mut view = RunView::new(terminal, title, stream);
    let value = follow(client, terminal, &subject, &mut view).await?;
    drop(view);
    let ended: Run = parse(&value)?;
    match ended.state.as_str() {
        "succeeded" => Ok(value),
        "cancelled" => Err(CliError::failed(format!(
            "run {} was cancelled",
            ended.name
        ))),
        _ => Err(failure_of(ended.error, &format!("run {}", ended.name)).into()),
    }
}
