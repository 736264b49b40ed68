//! `dataset.import`: an uploaded file becomes Parquet chunks, statistics and a list of rejected rows.

use std::fs::File;
use std::io;

use hanok_data::{Chunk, DataError, ErrorCode, ImportOptions, Imported, Kind};
use hanok_domain::fault::{Fault, FaultKind};
use hanok_protocol::job::{ChunkRef, ImportResult, ImportSpec, Manifest};
use serde_json::json;

use super::Stop;
use super::context::{Context, unwritable};

/// Runs the import.
pub fn run(context: &Context, spec: &ImportSpec) -> Result<ImportResult, Stop> {
    let options: ImportOptions = serde_json::from_value(spec.options.clone())
        .map_err(|e| Fault::invalid("invalid_options", format!("The import options: {e}.")))?;
    let path = context.path(&spec.source)?;
    let file = File::open(&path).map_err(|e| Fault::internal(format!("the upload: {e}")))?;
    let mut chunks = Vec::new();
    let mut stop = None;
    let mut sink = |chunk: Chunk| {
        let stored = store(context, &chunk);
        stored.map(|chunk| chunks.push(chunk)).map_err(|why| {
            stop = Some(why);
            io::Error::other("stopped")
        })
    };
    let imported = hanok_data::import(file, &spec.file_name, &options, &mut sink);
    let imported = match imported {
        Ok(imported) => imported,
        Err(error) => return Err(stop.unwrap_or_else(|| Stop::Failed(fault(&error)))),
    };
    for notice in &imported.notices {
        context.reporter.log("warn", notice.clone());
    }
    Ok(result(&imported, chunks)?)
}

/// Stores each chunk as it comes, so that memory stays constant.
fn store(context: &Context, chunk: &Chunk) -> Result<ChunkRef, Stop> {
    context.check()?;
    let object = context.put(&chunk.bytes)?;
    let done = chunk.offset + chunk.rows;
    context
        .reporter
        .event("progress", json!({ "done": done, "unit": "rows" }));
    Ok(ChunkRef {
        object,
        rows: chunk.rows,
        offset: chunk.offset,
    })
}

fn result(imported: &Imported, chunks: Vec<ChunkRef>) -> Result<ImportResult, Fault> {
    let mut labels: Vec<String> = match imported.kind {
        Kind::Classification => imported
            .statistics
            .labels
            .iter()
            .map(|count| count.label.clone())
            .collect(),
        Kind::Messages => Vec::new(),
    };
    labels.sort();
    Ok(ImportResult {
        manifest: Manifest {
            kind: imported.kind.as_str().to_owned(),
            columns: imported.columns.clone(),
            labels,
            chunks,
            rows: imported.rows,
        },
        statistics: serde_json::to_value(imported).map_err(unwritable)?,
    })
}

/// A data error as a fault, with its row, field and remedy.
fn fault(error: &DataError) -> Fault {
    let kind = match error.code {
        ErrorCode::ReadFailed | ErrorCode::WriteFailed | ErrorCode::CorruptChunk => {
            FaultKind::Internal
        }
        _ => FaultKind::Invalid,
    };
    let place = error.row.map_or_else(
        || error.file.to_string(),
        |row| format!("{}, row {row}", error.file),
    );
    let stop = if error.message.ends_with('.') {
        ""
    } else {
        "."
    };
    Fault {
        kind,
        code: error.code.as_str().into(),
        message: format!("{place}: {}{stop}", error.message),
        field: error.field.as_deref().map(str::to_owned),
        row: error.row,
        remedy: Some(error.remedy.to_string()).filter(|r| !r.is_empty()),
        retry_after: None,
    }
}
