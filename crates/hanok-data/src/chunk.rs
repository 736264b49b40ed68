//! Rows to Parquet: text columns, one row group, zstd; equal rows give equal bytes.

use std::io;
use std::sync::Arc;

use bytes::Bytes;
use parquet::basic::{Compression, ConvertedType, Repetition, Type as Physical, ZstdLevel};
use parquet::data_type::{ByteArray, ByteArrayType};
use parquet::errors::ParquetError;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::Type;

use crate::error::{DataError, ErrorCode};
use crate::options::Limits;

/// A stretch of rows as the bytes of a Parquet file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chunk {
    /// Rows in it.
    pub rows: u64,
    /// Number of its first row, from 0.
    pub offset: u64,
    /// The file.
    pub bytes: Bytes,
}

/// Takes chunks in row order; an error stops the import.
pub type ChunkSink<'a> = dyn FnMut(Chunk) -> io::Result<()> + 'a;

/// Collects rows until they make a chunk.
pub(crate) struct ChunkWriter<'a> {
    columns: &'a [String],
    cells: Vec<Vec<ByteArray>>,
    limits: Limits,
    rows: usize,
    bytes: usize,
    offset: u64,
}

impl<'a> ChunkWriter<'a> {
    pub(crate) fn new(columns: &'a [String], limits: Limits) -> Self {
        Self {
            columns,
            cells: vec![Vec::new(); columns.len()],
            limits,
            rows: 0,
            bytes: 0,
            offset: 0,
        }
    }

    /// Adds a row; a chunk comes back when one is full.
    pub(crate) fn push(&mut self, row: Vec<String>) -> Result<Option<Chunk>, ParquetError> {
        for (column, cell) in self.cells.iter_mut().zip(row) {
            self.bytes += cell.len();
            column.push(ByteArray::from(cell.into_bytes()));
        }
        self.rows += 1;
        if self.rows >= self.limits.chunk_rows || self.bytes >= self.limits.chunk_bytes {
            return self.finish();
        }
        Ok(None)
    }

    /// The rows since the last chunk.
    pub(crate) fn finish(&mut self) -> Result<Option<Chunk>, ParquetError> {
        if self.rows == 0 {
            return Ok(None);
        }
        let bytes = encode(self.columns, &self.cells)?;
        let chunk = Chunk {
            rows: self.rows as u64,
            offset: self.offset,
            bytes,
        };
        self.cells.iter_mut().for_each(Vec::clear);
        self.offset += chunk.rows;
        self.rows = 0;
        self.bytes = 0;
        Ok(Some(chunk))
    }
}

fn encode(columns: &[String], cells: &[Vec<ByteArray>]) -> Result<Bytes, ParquetError> {
    let fields = columns.iter().map(|name| {
        let column = Type::primitive_type_builder(name, Physical::BYTE_ARRAY)
            .with_repetition(Repetition::REQUIRED)
            .with_converted_type(ConvertedType::UTF8);
        column.build().map(Arc::new)
    });
    let schema = Type::group_type_builder("rows")
        .with_fields(fields.collect::<Result<_, _>>()?)
        .build()?;
    let properties = WriterProperties::builder()
        .set_created_by("hanok".to_string())
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .set_statistics_enabled(EnabledStatistics::None)
        .build();
    let mut writer = SerializedFileWriter::new(Vec::new(), Arc::new(schema), Arc::new(properties))?;
    let mut group = writer.next_row_group()?;
    for column in cells {
        let Some(mut target) = group.next_column()? else {
            break;
        };
        target
            .typed::<ByteArrayType>()
            .write_batch(column, None, None)?;
        target.close()?;
    }
    group.close()?;
    writer.into_inner().map(Bytes::from)
}

pub(crate) fn not_written(file: &str, error: &ParquetError) -> DataError {
    DataError::new(
        ErrorCode::WriteFailed,
        file,
        format!("rows could not be encoded: {error}"),
    )
    .remedy("Import the file in smaller parts.")
}
