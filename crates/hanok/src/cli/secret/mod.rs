//! `hanok secret …`: the change of the master key. Both verbs hold the data directory for themselves.

mod rotate;
mod status;

use std::path::PathBuf;

use hanok_store::lock::DataDirLock;
use hanok_studio::{Studio, Timing};

use super::store::{hold, of_fault};
use super::{CliError, Context, Flags, Output, load};
use crate::compose;
use crate::terminal::Terminal;

/// The verbs.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Seal every secret in the database anew under SECRET_KEY; run it again to go on after a stop.
    Rotate(Args),
    /// Count the secrets in the database by the key that they are sealed under.
    Status(Args),
}

/// What every verb takes.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Data directory [env: HANOK_DATA] [default: ~/.hanok].
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    #[command(flatten)]
    output: Output,
}

/// Runs a verb.
pub async fn run(command: Command) -> Result<(), CliError> {
    match command {
        Command::Rotate(args) => rotate::run(&args).await,
        Command::Status(args) => status::run(&args).await,
    }
}

/// An installation that nobody else works on.
struct Held {
    context: Context,
    studio: Studio,
    _lock: DataDirLock,
}

impl Held {
    async fn open(args: &Args) -> Result<Self, CliError> {
        let flags = Flags::default().with_dir("HANOK_DATA", args.data.as_deref());
        let context = Context {
            terminal: Terminal::new(args.output.json),
            settings: load(&flags)?,
        };
        let lock = hold(&context.settings)?;
        let opened = compose::existing(&context.settings, Timing::default()).await;
        Ok(Self {
            studio: opened.map_err(of_fault)?,
            context,
            _lock: lock,
        })
    }

    async fn close(self) -> Result<(), CliError> {
        self.studio.close().await.map_err(of_fault)
    }
}
