//! `hanok run watch`: a live bar until the run has ended, then what came of it.

use serde_json::Value;

use super::find;
use super::show::print_run;
use super::view::RunView;
use crate::cli::follow::{Control, Subject, failure_of, follow};
use crate::cli::{Access, CliError, Context, Failure};
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
    let (client, terminal) = (&connection.client, &context.terminal);
    let ended = to_end(client, terminal, &started, "Training", Control::Watched).await?;
    print_run(terminal, &parse(&ended)?);
    terminal.emit(&ended);
    Ok(())
}

/// Follows a run that this command began to its end and prints it; one that did not succeed is an error.
pub async fn watch(client: &Client, terminal: &Terminal, started: &Run) -> Result<Value, CliError> {
    let value = to_end(client, terminal, started, "Training", Control::Begun).await?;
    let ended: Run = parse(&value)?;
    print_run(terminal, &ended);
    Ok(value)
}

/// Follows a run to its end. The events of one that is only watched are lines under `--json`.
pub async fn to_end(
    client: &Client,
    terminal: &Terminal,
    started: &Run,
    title: &str,
    control: Control,
) -> Result<Value, CliError> {
    let subject = Subject {
        path: format!("/api/v1/runs/{}", started.id),
        name: format!("run {}", started.name),
        again: format!("hanok run watch {}", started.id),
        control,
        id: started.id.clone(),
    };
    let mut view = RunView::new(terminal, title, control == Control::Watched);
    let value = follow(client, terminal, &subject, &mut view).await?;
    drop(view);
    let ended: Run = parse(&value)?;
    match ended.state.as_str() {
        "succeeded" => Ok(value),
        "cancelled" => Err(CliError::failed(format!(
            "run {} was cancelled",
            ended.name
        ))),
        "paused" => {
            let resume = format!("hanok run resume {}", ended.id);
            let failure = Failure::new(format!("run {} was paused", ended.name)).code("paused");
            Err(failure.remedy(format!("Go on with: {resume}")).into())
        }
        _ => Err(failure_of(ended.error, &format!("run {}", ended.name)).into()),
    }
}
