//! Rows back from a chunk: a range for a preview, all of them one by one for training.
//!
//! Callers check the chunk's bytes against its address first: the Parquet reader panics on
//! some damaged files.

use std::ops::Range;
use std::vec::IntoIter;

use bytes::Bytes;
use parquet::basic::Type as Physical;
use parquet::column::reader::{ColumnReaderImpl, get_typed_column_reader};
use parquet::data_type::{ByteArray, ByteArrayType};
use parquet::errors::ParquetError;
use parquet::file::reader::{FileReader, SerializedFileReader};

use crate::error::{DataError, ErrorCode};

const BATCH: usize = 2_048;

/// A row: the cells of the columns asked for, in that order.
pub type Row = Vec<String>;

/// Reads rows `range` (from 0, within the chunk) of the columns; fewer if the chunk ends before.
pub fn read_rows(
    bytes: &Bytes,
    columns: &[&str],
    range: Range<u64>,
) -> Result<Vec<Row>, DataError> {
    let mut rows = ChunkRows::open(bytes.clone(), columns)?;
    rows.skip_rows(range.start)?;
    let wanted = range.end.saturating_sub(range.start);
    rows.take(usize::try_from(wanted).unwrap_or(usize::MAX))
        .collect()
}

/// The rows of a chunk, one by one; after an error there are no more.
pub struct ChunkRows {
    readers: Vec<ColumnReaderImpl<ByteArrayType>>,
    columns: Vec<String>,
    left: u64,
    batch: Vec<IntoIter<ByteArray>>,
}

impl ChunkRows {
    /// Opens a chunk for the columns.
    pub fn open(bytes: Bytes, columns: &[&str]) -> Result<Self, DataError> {
        let file = SerializedFileReader::new(bytes).map_err(|error| corrupt(&error))?;
        let schema = file.metadata().file_metadata().schema_descr_ptr();
        if file.num_row_groups() != 1 {
            return Err(broken("it has not one row group"));
        }
        let group = file.get_row_group(0).map_err(|error| corrupt(&error))?;
        let mut readers = Vec::with_capacity(columns.len());
        for wanted in columns {
            let at = schema
                .columns()
                .iter()
                .position(|column| column.name() == *wanted);
            let Some(at) = at else {
                return Err(unknown(wanted));
            };
            let column = schema.column(at);
            if column.physical_type() != Physical::BYTE_ARRAY || column.max_def_level() != 0 {
                return Err(broken("a column is not of text"));
            }
            let reader = group
                .get_column_reader(at)
                .map_err(|error| corrupt(&error))?;
            readers.push(get_typed_column_reader::<ByteArrayType>(reader));
        }
        let left = u64::try_from(group.metadata().num_rows()).unwrap_or(0);
        Ok(Self {
            readers,
            columns: columns.iter().map(ToString::to_string).collect(),
            left,
            batch: Vec::new(),
        })
    }

    /// Columns of the rows.
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// Rows still to come.
    pub fn remaining(&self) -> u64 {
        self.left + self.batch.first().map_or(0, |column| column.len() as u64)
    }

    fn skip_rows(&mut self, rows: u64) -> Result<(), DataError> {
        let rows = rows.min(self.left);
        let count = usize::try_from(rows).unwrap_or(usize::MAX);
        for reader in &mut self.readers {
            let skipped = reader
                .skip_records(count)
                .map_err(|error| corrupt(&error))?;
            if skipped != count {
                return Err(broken("it ends early"));
            }
        }
        self.left -= rows;
        Ok(())
    }

    fn fill(&mut self) -> Result<(), DataError> {
        let wanted = BATCH.min(usize::try_from(self.left).unwrap_or(BATCH));
        self.batch.clear();
        for reader in &mut self.readers {
            let mut values = Vec::with_capacity(wanted);
            while values.len() < wanted {
                let missing = wanted - values.len();
                let (read, _, _) = reader
                    .read_records(missing, None, None, &mut values)
                    .map_err(|error| corrupt(&error))?;
                if read == 0 {
                    return Err(broken("it ends early"));
                }
            }
            self.batch.push(values.into_iter());
        }
        self.left -= wanted as u64;
        Ok(())
    }

    fn row(&mut self) -> Result<Row, DataError> {
        let cells = self.batch.iter_mut().map(|column| {
            let cell = column.next().ok_or_else(|| broken("it ends early"))?;
            String::from_utf8(cell.data().to_vec()).map_err(|_| broken("a text is not UTF-8"))
        });
        cells.collect()
    }
}

impl Iterator for ChunkRows {
    type Item = Result<Row, DataError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.remaining() == 0 {
            return None;
        }
        let filled = if self.batch.first().is_none_or(|column| column.len() == 0) {
            self.fill()
        } else {
            Ok(())
        };
        let row = filled.and_then(|()| self.row());
        if row.is_err() {
            self.left = 0;
            self.batch.clear();
        }
        Some(row)
    }
}

fn corrupt(error: &ParquetError) -> DataError {
    broken(&error.to_string())
}

fn broken(what: &str) -> DataError {
    let message = format!("a chunk of the data set cannot be read: {what}");
    DataError::new(ErrorCode::CorruptChunk, "chunk", message)
        .remedy("Import the file again, or restore the objects from a backup.")
}

fn unknown(column: &str) -> DataError {
    let message = format!("the chunk has no column {column:?}");
    DataError::new(ErrorCode::UnknownColumn, "chunk", message).field(column)
}
