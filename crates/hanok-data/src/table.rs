//! Records of a delimited file: a reader that is bounded by its limits, works with and without
//! quoting, and says where quotes do not add up.
//!
//! Ours and not the `csv` crate's, because that one lets a record grow without bound and keeps
//! silent about quotes in odd places, which is how rows get lost. Its tests hold the two
//! against each other.

use std::io::{self, BufRead};

use crate::error::{DataError, ErrorCode};

/// How records and fields are told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dialect {
    /// Between fields; none: a line is one field.
    pub delimiter: Option<u8>,
    /// Whether double quotes enclose fields.
    pub quote: bool,
    /// `\n` (a `\r` before it is dropped) or `\r`.
    pub terminator: u8,
}

/// Why no record could be read.
#[derive(Debug)]
pub enum TableError {
    /// The input failed.
    Io(io::Error),
    /// The record that starts in this row is longer than the limit; `quoted` if a quote is open.
    TooLong {
        /// Its row.
        row: u64,
        /// Whether a quote is open.
        quoted: bool,
    },
    /// It has more fields than the limit.
    TooManyColumns {
        /// Its row.
        row: u64,
    },
}

impl TableError {
    pub(crate) fn named(self, file: &str) -> DataError {
        match self {
            Self::Io(error) => DataError::read(file, &error),
            Self::TooLong { row, quoted: true } => DataError::new(
                ErrorCode::MalformedCsv,
                file,
                "a double quote opens here and is not closed within the longest row allowed",
            )
            .at(row)
            .remedy("Close or double the quote, or give --quoting no if quotes are plain text."),
            Self::TooLong { row, .. } => DataError::new(
                ErrorCode::RowTooLong,
                file,
                "the row is too long to be read",
            )
            .at(row)
            .remedy("Split the row, or check that the file has line ends."),
            Self::TooManyColumns { row } => DataError::new(
                ErrorCode::TooManyColumns,
                file,
                "the row has too many fields",
            )
            .at(row)
            .remedy("Keep the text and label columns only, or give the --delimiter."),
        }
    }
}

/// One record; its buffers are used again for the next.
#[derive(Debug, Default, Clone)]
pub struct Record {
    /// Row as a spreadsheet counts it, from 1; blank lines count.
    pub row: u64,
    /// Byte at which it starts.
    pub offset: u64,
    /// Lines it spans.
    pub lines: u64,
    /// Whether any field was enclosed in quotes.
    pub quoted: bool,
    /// Whether a quote stood where none may: inside a bare field, or before more text.
    pub odd: bool,
    /// Whether the file ended inside quotes.
    pub unterminated: bool,
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

impl Record {
    /// Number of fields.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether the line has nothing in it.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty() && self.ends.len() <= 1 && !self.quoted
    }

    /// The field, without its quotes.
    pub fn field(&self, at: usize) -> Option<&[u8]> {
        let end = *self.ends.get(at)?;
        let start = if at == 0 { 0 } else { self.ends[at - 1] };
        self.bytes.get(start..end)
    }

    /// Its fields.
    pub fn fields(&self) -> impl Iterator<Item = &[u8]> {
        (0..self.len()).filter_map(|at| self.field(at))
    }

    /// All fields without anything between them.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    fn restart(&mut self, row: u64, offset: u64) {
        self.bytes.clear();
        self.ends.clear();
        self.row = row;
        self.offset = offset;
        self.lines = 1;
        self.quoted = false;
        self.odd = false;
        self.unterminated = false;
    }

    fn end_field(&mut self) {
        self.ends.push(self.bytes.len());
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Start,
    Bare,
    Quoted,
    /// After a quote inside quotes: the end of the field, or the first of two.
    Quote,
    /// After `"…"\r`: only a line end makes sense.
    Return,
    Done,
}

/// Reads records one by one.
pub struct Records<R> {
    input: R,
    dialect: Dialect,
    row_bytes: usize,
    columns: usize,
    row: u64,
    offset: u64,
}

impl<R: BufRead> Records<R> {
    /// Records of `input` of at most that many bytes and columns.
    pub fn new(input: R, dialect: Dialect, row_bytes: usize, columns: usize) -> Self {
        Self {
            input,
            dialect,
            row_bytes,
            columns,
            row: 0,
            offset: 0,
        }
    }

    /// Reads the next record; false at the end of the file.
    pub fn read(&mut self, record: &mut Record) -> Result<bool, TableError> {
        self.row += 1;
        record.restart(self.row, self.offset);
        let mut state = State::Start;
        loop {
            let dialect = self.dialect;
            let buffer = self.input.fill_buf().map_err(TableError::Io)?;
            if buffer.is_empty() {
                return Ok(finish(record, state, self.offset));
            }
            let mut used = 0;
            for byte in buffer {
                used += 1;
                state = step(dialect, state, *byte, record);
                if state == State::Done {
                    break;
                }
            }
            self.input.consume(used);
            self.offset += used as u64;
            if record.bytes.len() > self.row_bytes {
                let quoted = matches!(state, State::Quoted);
                let row = self.row;
                return Err(TableError::TooLong { row, quoted });
            }
            if record.ends.len() > self.columns {
                return Err(TableError::TooManyColumns { row: self.row });
            }
            if state == State::Done {
                return Ok(true);
            }
        }
    }
}

fn step(dialect: Dialect, state: State, byte: u8, record: &mut Record) -> State {
    match state {
        State::Quoted => return in_quotes(byte, record),
        State::Quote if byte == b'"' => {
            record.bytes.push(byte);
            return State::Quoted;
        }
        State::Quote if byte == b'\r' && dialect.terminator == b'\n' => return State::Return,
        State::Return if byte != dialect.terminator => record.bytes.push(b'\r'),
        _ => {}
    }
    if Some(byte) == dialect.delimiter && state != State::Return {
        record.end_field();
        return State::Start;
    }
    if byte == dialect.terminator {
        if matches!(state, State::Bare) {
            drop_return(dialect, record);
        }
        record.end_field();
        return State::Done;
    }
    if byte == b'"' && dialect.quote && state == State::Start {
        record.quoted = true;
        return State::Quoted;
    }
    let after_quote = matches!(state, State::Quote | State::Return);
    record.odd |= dialect.quote && (byte == b'"' || after_quote);
    record.bytes.push(byte);
    State::Bare
}

fn in_quotes(byte: u8, record: &mut Record) -> State {
    if byte == b'"' {
        return State::Quote;
    }
    record.lines += u64::from(byte == b'\n');
    record.bytes.push(byte);
    State::Quoted
}

/// The last record may lack its line end.
fn finish(record: &mut Record, state: State, offset: u64) -> bool {
    if offset == record.offset {
        return false;
    }
    record.unterminated = state == State::Quoted;
    record.end_field();
    true
}

fn drop_return(dialect: Dialect, record: &mut Record) {
    let start = record.ends.last().copied().unwrap_or(0);
    if dialect.terminator == b'\n'
        && record.bytes.len() > start
        && record.bytes.last() == Some(&b'\r')
    {
        record.bytes.pop();
    }
}
