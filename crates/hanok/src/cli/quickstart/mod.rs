//! `hanok quickstart`: the main job on the embedded default, step by step: import, fine-tune, evaluate,
//! deploy, call; then what to try next. This file holds the order of things; each step stands in `steps`.

mod account;
mod example;
mod finish;
mod next;
mod server;
mod steps;
mod summary;

use std::path::PathBuf;

use super::dataset::import::FormatArgs;
use super::{CliError, Flags, Output, load};
use crate::client::{Connection, Source, Upload};
use crate::terminal::Terminal;

/// Flags of `hanok quickstart`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Your own CSV, TSV or JSONL file with texts and labels, or JSONL with `messages`; a shipped example
    /// otherwise.
    #[arg(long, value_name = "FILE")]
    data: Option<PathBuf>,
    /// Data directory [env: HANOK_DATA] [default: ~/.hanok].
    #[arg(long, value_name = "DIR")]
    home: Option<PathBuf>,
    /// Stop when all is done instead of staying up.
    #[arg(long)]
    exit: bool,
    /// Port to listen on; 0 picks a free one [env: PORT] [default: 8080].
    #[arg(long, value_name = "N")]
    port: Option<u16>,
    /// Address to listen on [env: HOST] [default: 127.0.0.1].
    #[arg(long)]
    host: Option<String>,
    #[command(flatten)]
    format: FormatArgs,
    #[command(flatten)]
    output: Output,
}

/// Runs all steps.
pub async fn run(args: Args) -> Result<(), CliError> {
    let terminal = Terminal::new(args.output.json);
    let what = upload_of(&args);
    // Before anything is started: a file that is not there needs no server.
    what.check()?;
    let flags = Flags::default()
        .with_dir("HANOK_DATA", args.home.as_deref())
        .with("HOST", args.host.as_ref())
        .with("PORT", args.port);
    let mut settings = load(&flags)?;
    // The embedded default is the point here, whatever server other commands talk to.
    settings.url = None;
    let connection = server::open(&settings, &terminal).await?;
    let restart = (args.exit && connection.is_ours())
        .then(|| finish::restart(&connection, args.home.as_deref()));
    match tour(&connection, &terminal, &what, restart.as_deref()).await {
        Ok(()) if !args.exit => finish::stay(connection, &terminal).await,
        // Whoever left before the end does not wait for it.
        Err(left @ (CliError::Interrupted | CliError::Detached)) => Err(left),
        outcome => {
            finish::leave(connection).await;
            outcome
        }
    }
}

async fn tour(
    connection: &Connection,
    terminal: &Terminal,
    what: &Upload,
    restart: Option<&str>,
) -> Result<(), CliError> {
    let mut done = summary::Summary::new(connection.client.shown());
    let mut steps = steps::Steps {
        client: &connection.client,
        terminal,
        chat: false,
    };
    let dataset = steps.import(what, &mut done).await?;
    let run = steps.tune(&dataset, what, &mut done).await?;
    steps.evaluate(&run, &mut done).await?;
    let model = steps.deploy(&run, &mut done).await?;
    let example = example::pick(&connection.client, &dataset, &run).await?;
    steps.call(&model, &example, &mut done).await?;
    let account = account::open(connection).await?;
    let next = next::Next {
        account: &account,
        example: &example,
        chat: steps.chat,
        restart,
    };
    next.print(terminal, &done);
    terminal.document(&done.document(&account));
    Ok(())
}

/// The person's file, or the shipped example under its own name.
fn upload_of(args: &Args) -> Upload {
    const EXAMPLE: &[u8] = include_bytes!("../../../../../examples/support-tickets/tickets.csv");
    let source = match &args.data {
        Some(path) => Source::File(path.clone()),
        None => Source::Bytes("support-tickets.csv", EXAMPLE),
    };
    Upload {
        source,
        fields: args.format.fields(),
    }
}
