//! `hanok store migrate`: rows to another database, objects to a bucket. It can be stopped at any moment;
//! the same command goes on from there, and nobody can use the target before it is whole.

use std::path::PathBuf;

use hanok_blobs::Objects;
use hanok_store::transfer::{Phase, TableCheck, TableProgress, Transfer};
use hanok_store::{Store, StoreConfig};
use hanok_studio::audit::{Deed, record_system};
use hanok_studio::upkeep::{ObjectProgress, ObjectsCopied, copy_objects};

use super::moved::{Moved, Rows};
use super::places::{self, BucketArgs};
use super::{hold, of_fault, of_store};
use crate::cli::interrupt::Interrupts;
use crate::cli::{CliError, Context, Failure, Flags, Output, load};
use crate::terminal::{Terminal, bytes, count};

/// Flags of `hanok store migrate`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Move all rows to this database: `postgres://…`, or `sqlite://…` to go back. It must be empty.
    #[arg(long, value_name = "URL")]
    to: Option<String>,
    #[command(flatten)]
    bucket: BucketArgs,
    /// Leave objects behind that are not what their names say.
    #[arg(long, help_heading = "Objects")]
    skip_damaged: bool,
    /// Remove what an unfinished move has copied of the rows, and begin anew.
    #[arg(long, requires = "to")]
    restart: bool,
    /// Data directory to move [env: HANOK_DATA] [default: ~/.hanok].
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    #[command(flatten)]
    output: Output,
}

/// Moves, or goes on with it.
pub async fn run(args: Args) -> Result<(), CliError> {
    let flags = Flags::default().with_dir("HANOK_DATA", args.data.as_deref());
    let flags = args.bucket.flags(flags);
    let context = Context {
        terminal: Terminal::new(args.output.json),
        settings: load(&flags)?,
    };
    let target = args.to.as_deref().map(places::target_database);
    let target = target.transpose()?;
    let bucket = args.bucket.target(&context.settings)?;
    if target.is_none() && bucket.is_none() {
        return Err(CliError::usage(
            "say where to: --to URL for rows, --to-bucket NAME for objects, or both",
        ));
    }
    let lock = hold(&context.settings)?;
    let source = places::source_database(&context.settings)?;
    let objects = match &bucket {
        None => None,
        Some(s3) => Some((
            places::source_objects(&context.settings)?,
            places::target_objects(&context.settings, s3.clone())?,
        )),
    };
    let mover = Mover {
        terminal: &context.terminal,
        args: &args,
        source,
        target,
        objects,
    };
    let mut interrupts = Interrupts::listen()?;
    // What is dropped here ends at its last whole step.
    let moved = tokio::select! {
        moved = mover.run() => moved?,
        () = interrupts.next() => {
            context.terminal.note("Stopped. The same command goes on from here.");
            return Err(CliError::Interrupted);
        }
    };
    drop(lock);
    moved.show(&context.terminal, bucket.as_ref());
    Ok(())
}

struct Mover<'a> {
    terminal: &'a Terminal,
    args: &'a Args,
    source: StoreConfig,
    target: Option<StoreConfig>,
    objects: Option<(Objects, Objects)>,
}

impl Mover<'_> {
    /// Rows, objects, a look at all rows, and only then the end: until that nobody opens the target.
    async fn run(&self) -> Result<Moved, CliError> {
        let Some(target) = &self.target else {
            let store = Store::open(&self.source).await.map_err(of_store)?;
            let objects = self.move_objects(&store).await?;
            store.close().await.map_err(of_store)?;
            return Ok(Moved {
                rows: None,
                objects,
            });
        };
        let opened = Transfer::open(&self.source, target).await;
        let mut transfer = opened.map_err(of_store)?;
        if self.args.restart {
            transfer.restart().await.map_err(of_store)?;
        }
        let rows = match transfer.is_finished() {
            true => None,
            false => Some(self.copy_rows(&transfer).await?),
        };
        let objects = self.move_objects(transfer.target()).await?;
        let tables = match rows {
            None => Vec::new(),
            Some(_) => self.finish(&mut transfer).await?,
        };
        transfer.close().await.map_err(of_store)?;
        Ok(Moved {
            rows: Some(Rows {
                to: places::masked(&target.url),
                copied: rows,
                tables,
            }),
            objects,
        })
    }

    async fn copy_rows(&self, transfer: &Transfer) -> Result<u64, CliError> {
        let mut bar = self.terminal.bar("rows");
        let mut told = |at: TableProgress| {
            bar.at(at.done, at.total, &beside(at.table, at.done, at.total));
        };
        transfer.copy(&mut told).await.map_err(of_store)
    }

    async fn finish(&self, transfer: &mut Transfer) -> Result<Vec<TableCheck>, CliError> {
        let mut bar = self.terminal.bar("comparing");
        let mut told = |at: TableProgress| {
            debug_assert_eq!(at.phase, Phase::Comparing);
            bar.at(at.done, at.total, &beside(at.table, at.done, at.total));
        };
        let checks = transfer.compare(&mut told).await.map_err(of_store)?;
        drop(bar);
        if checks.iter().all(TableCheck::agrees) {
            transfer.finish(&checks).await.map_err(of_store)?;
            let moved = transfer.target().write(async |tx| {
                let deed = Deed::done("store.migrate", "database", "rows");
                record_system(&tx, deed).await
            });
            moved.await.map_err(of_store)?;
            return Ok(checks);
        }
        let wrong = checks.iter().filter(|check| !check.agrees());
        let wrong: Vec<&str> = wrong.map(|check| check.table).collect();
        let text = format!("The two databases differ in: {}.", wrong.join(", "));
        Err(Failure::new(text)
            .code("rows_differ")
            .remedy(
                "A server has used one of them since the move began. Run the command again with \
                 --restart to copy all rows anew.",
            )
            .into())
    }

    async fn move_objects(&self, store: &Store) -> Result<Option<ObjectsCopied>, CliError> {
        let Some((from, to)) = &self.objects else {
            return Ok(None);
        };
        let mut bar = self.terminal.bar("objects");
        let mut told = |at: ObjectProgress| {
            let beside = format!(
                "{} of {} ({})",
                count(at.objects),
                count(at.objects_total),
                bytes(at.bytes_total)
            );
            bar.at(at.bytes, at.bytes_total, &beside);
        };
        let copied = copy_objects(store, from, to, &mut told).await;
        drop(bar);
        let copied = copied.map_err(of_fault)?;
        if copied.damaged.is_empty() || self.args.skip_damaged {
            return Ok(Some(copied));
        }
        for object in &copied.damaged {
            let (project, hash, message) = (&object.project, &object.hash, &object.message);
            self.terminal.note(format!("{project}/{hash}: {message}"));
        }
        let text = format!(
            "{} objects are damaged in the source and were not copied.",
            count(copied.damaged.len() as u64)
        );
        Err(Failure::new(text)
            .code("objects_damaged")
            .remedy("Restore them and run the command again, or leave them with --skip-damaged.")
            .into())
    }
}

fn beside(table: &str, done: u64, total: u64) -> String {
    format!("{table}  {} of {}", count(done), count(total))
}
