//! `hanok audit export`.

use std::io::Write;
use std::path::PathBuf;

use serde_json::json;

use super::filter::Filters;
use crate::cli::{Access, CliError, Context};
use crate::terminal::{bytes, print_bytes};

/// Flags of `hanok audit export`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// How rows are written.
    #[arg(long, value_enum, default_value_t = Format::Jsonl)]
    format: Format,
    /// The file to write; standard output without it.
    #[arg(long, value_name = "FILE")]
    output_file: Option<PathBuf>,
    #[command(flatten)]
    filters: Filters,
    #[command(flatten)]
    access: Access,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Format {
    /// A JSON document a line.
    Jsonl,
    /// A sheet, in which no cell is a formula.
    Csv,
}

/// Writes the rows as they come.
pub async fn run(args: Args) -> Result<(), CliError> {
    let (context, connection) = Context::open(&args.access).await?;
    let format = match args.format {
        Format::Jsonl => "jsonl",
        Format::Csv => "csv",
    };
    let filters = args.filters.query();
    let path = format!("/api/v1/audit/export?format={format}{filters}");
    let mut pieces = connection.client.pieces(&path).await?;
    let mut file = match &args.output_file {
        None => None,
        Some(path) => Some(std::fs::File::create(path).map_err(|e| unwritable(path, &e))?),
    };
    let mut written = 0;
    while let Some(piece) = pieces.next().await? {
        written += piece.len() as u64;
        match (&mut file, &args.output_file) {
            (Some(file), Some(path)) => file.write_all(&piece).map_err(|e| unwritable(path, &e))?,
            _ => print_bytes(&piece),
        }
    }
    if let Some(path) = &args.output_file {
        let place = path.display().to_string();
        context
            .terminal
            .line(format!("{place}: {}", bytes(written)));
        context
            .terminal
            .document(&json!({ "file": place, "bytes": written, "format": format }));
    }
    Ok(())
}

fn unwritable(path: &std::path::Path, error: &std::io::Error) -> CliError {
    CliError::failed(format!("{} cannot be written: {error}", path.display()))
}
