//! The import: detect, decide, check, and only then write.

use std::fs::File;
use std::io::{self, Read, Seek};
use std::path::Path;

use crate::check::{Tally, tally};
use crate::chunk::{Chunk, ChunkSink, ChunkWriter, not_written};
use crate::decode::{ReadSeek, Source};
use crate::error::{DataError, ErrorCode};
use crate::imported::{ChunkInfo, Imported, Kind};
use crate::kind;
use crate::options::ImportOptions;
use crate::plan::Plan;
use crate::refine::Refiner;
use crate::roles;
use crate::survey::{Column, survey};
use crate::verdict::{minimum_rows, notices as add_notices, too_few, verdict};

/// Imports a file that is already open. `name` is the file's own name: messages carry it and its
/// ending helps to tell the format. The sink gets chunks only if every check has passed.
pub fn import(
    mut source: impl Read + Seek,
    name: &str,
    options: &ImportOptions,
    sink: &mut ChunkSink<'_>,
) -> Result<Imported, DataError> {
    run(&mut source, name, options, sink)
}

/// Imports a file by its path.
pub fn import_path(
    path: &Path,
    options: &ImportOptions,
    sink: &mut ChunkSink<'_>,
) -> Result<Imported, DataError> {
    let name = path
        .file_name()
        .unwrap_or(path.as_os_str())
        .to_string_lossy();
    let mut file = File::open(path).map_err(|error| DataError::read(&name, &error))?;
    run(&mut file, &name, options, sink)
}

fn run(
    file: &mut dyn ReadSeek,
    name: &str,
    options: &ImportOptions,
    sink: &mut ChunkSink<'_>,
) -> Result<Imported, DataError> {
    let mut source = Source::open(file, name, options.encoding.as_deref())?;
    kind::check(&mut source)?;
    let mut notices = Vec::new();
    let mut plan = Plan::new(&mut source, options, &mut notices)?;
    let columns = survey(&mut source, &mut plan)?;
    plan.growing = false;
    let format = plan.layout.format;
    let roles = roles::decide(&columns, format, options, name, &mut notices)
        .map_err(|error| few_rows_first(error, &columns, options))?;
    let named = |at: usize| Some(plan.columns[at].clone());
    let labelled = roles.kind == Kind::Classification;
    let text_column = named(roles.text).filter(|_| labelled);
    let label_column = roles.label.and_then(named).filter(|_| labelled);
    let kind = roles.kind;
    let mut refiner = Refiner::new(roles, &plan.columns, &mut notices);
    let mut found = tally(&mut source, &plan, &refiner)?;
    refiner.level = found.level(options.label_level, &mut notices);
    verdict(&found, name, kind, format, options)?;
    add_notices(&found, &mut notices);
    let chunks = write(&mut source, &plan, &refiner, &found, sink)?;
    Ok(Imported {
        kind,
        text_column,
        label_column,
        label_level: refiner.level,
        columns: refiner.columns,
        source_columns: plan.columns,
        layout: plan.layout,
        rows: found.rows,
        statistics: found.statistics(),
        rejected: found.rejected,
        rejected_total: found.rejected_total,
        notices,
        chunks,
    })
}

/// In a file of a few rows nothing is clear: that they are few is the better message.
fn few_rows_first(error: DataError, columns: &[Column], options: &ImportOptions) -> DataError {
    let rows = columns.first().map_or(0, |column| column.rows);
    let minimum = minimum_rows(Kind::Classification, options);
    let unclear = matches!(
        error.code,
        ErrorCode::LabelColumnUnclear | ErrorCode::TextColumnUnclear
    );
    if unclear && rows < minimum {
        return too_few(&error.file, rows, minimum);
    }
    error
}

fn write(
    source: &mut Source<'_>,
    plan: &Plan,
    refiner: &Refiner,
    found: &Tally,
    sink: &mut ChunkSink<'_>,
) -> Result<Vec<ChunkInfo>, DataError> {
    let name = source.name;
    let mut written = Vec::new();
    let mut hand_over = |chunk: Option<Chunk>| {
        let Some(chunk) = chunk else {
            return Ok(());
        };
        written.push(ChunkInfo {
            rows: chunk.rows,
            offset: chunk.offset,
            bytes: chunk.bytes.len() as u64,
        });
        sink(chunk).map_err(|error| not_stored(name, &error))
    };
    let mut writer = ChunkWriter::new(&refiner.columns, plan.limits);
    let mut rows = plan.rows(source)?;
    let mut kept = 0;
    while let Some(row) = rows.next()? {
        let Ok(Ok(refined)) = row.cells.map(|cells| refiner.refine(cells)) else {
            continue;
        };
        kept += 1;
        let full = writer.push(refined.cells);
        hand_over(full.map_err(|error| not_written(name, &error))?)?;
    }
    let rest = writer.finish();
    hand_over(rest.map_err(|error| not_written(name, &error))?)?;
    if kept != found.rows {
        let message = "the file changed while it was read";
        return Err(DataError::new(ErrorCode::ReadFailed, name, message)
            .remedy("Import it again when nothing writes to it."));
    }
    Ok(written)
}

fn not_stored(file: &str, error: &io::Error) -> DataError {
    let message = format!("rows could not be stored: {error}");
    DataError::new(ErrorCode::WriteFailed, file, message)
        .remedy("Free space on the disk and import again; nothing was kept.")
}
