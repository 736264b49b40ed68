//! The one error of this crate: a stable code, where it happened, what to do about it.

use std::fmt;
use std::io;

use serde::Serialize;

/// What kind of failure it is. The names are part of the API and never change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorCode {
    /// The file has no content.
    EmptyFile,
    /// The file is no text table: a workbook, an archive, a picture.
    UnsupportedFileType,
    /// Quotes, fields or bytes of a delimited file do not add up.
    MalformedCsv,
    /// Lines that are no JSON objects.
    MalformedJsonl,
    /// A row longer than the limit.
    RowTooLong,
    /// More columns than the limit.
    TooManyColumns,
    /// A header and nothing below it, or nothing usable.
    NoRows,
    /// Too few usable rows to learn from.
    TooFewRows,
    /// A text without a label.
    OneColumn,
    /// Every row has the same label.
    OneClass,
    /// No column is clearly the label.
    LabelColumnUnclear,
    /// No column is clearly the text.
    TextColumnUnclear,
    /// The options name a column that the file does not have.
    UnknownColumn,
    /// An option that makes no sense.
    InvalidOption,
    /// A chunk that cannot be read back.
    CorruptChunk,
    /// The file could not be read.
    ReadFailed,
    /// A chunk could not be stored.
    WriteFailed,
}

impl ErrorCode {
    /// Every code, for the table of errors.
    pub const ALL: [Self; 17] = [
        Self::EmptyFile,
        Self::UnsupportedFileType,
        Self::MalformedCsv,
        Self::MalformedJsonl,
        Self::RowTooLong,
        Self::TooManyColumns,
        Self::NoRows,
        Self::TooFewRows,
        Self::OneColumn,
        Self::OneClass,
        Self::LabelColumnUnclear,
        Self::TextColumnUnclear,
        Self::UnknownColumn,
        Self::InvalidOption,
        Self::CorruptChunk,
        Self::ReadFailed,
        Self::WriteFailed,
    ];

    /// The code as it stands in answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::EmptyFile => "empty_file",
            Self::UnsupportedFileType => "unsupported_file_type",
            Self::MalformedCsv => "malformed_csv",
            Self::MalformedJsonl => "malformed_jsonl",
            Self::RowTooLong => "row_too_long",
            Self::TooManyColumns => "too_many_columns",
            Self::NoRows => "no_rows",
            Self::TooFewRows => "too_few_rows",
            Self::OneColumn => "one_column",
            Self::OneClass => "one_class",
            Self::LabelColumnUnclear => "label_column_unclear",
            Self::TextColumnUnclear => "text_column_unclear",
            Self::UnknownColumn => "unknown_column",
            Self::InvalidOption => "invalid_option",
            Self::CorruptChunk => "corrupt_chunk",
            Self::ReadFailed => "read_failed",
            Self::WriteFailed => "write_failed",
        }
    }
}

/// Why a file was not imported: one sentence, and what the person can do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error)]
pub struct DataError {
    /// What kind of failure.
    pub code: ErrorCode,
    /// The file's name as the person knows it.
    pub file: Box<str>,
    /// Row as a spreadsheet counts it: a header is row 1. Line number for JSON Lines.
    pub row: Option<u64>,
    /// Column or option that it is about.
    pub field: Option<Box<str>>,
    /// What is wrong, without the file's name and row.
    pub message: Box<str>,
    /// What to do.
    pub remedy: Box<str>,
}

impl DataError {
    pub(crate) fn new(code: ErrorCode, file: &str, message: impl Into<Box<str>>) -> Self {
        Self {
            code,
            file: file.into(),
            row: None,
            field: None,
            message: message.into(),
            remedy: Box::default(),
        }
    }

    pub(crate) fn at(mut self, row: u64) -> Self {
        self.row = Some(row);
        self
    }

    pub(crate) fn field(mut self, field: &str) -> Self {
        self.field = Some(field.into());
        self
    }

    pub(crate) fn remedy(mut self, remedy: impl Into<Box<str>>) -> Self {
        self.remedy = remedy.into();
        self
    }

    pub(crate) fn read(file: &str, error: &io::Error) -> Self {
        Self::new(ErrorCode::ReadFailed, file, error.to_string())
            .remedy("Check that the file exists and may be read.")
    }
}

impl fmt::Display for DataError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file)?;
        if let Some(row) = self.row {
            write!(f, ", row {row}")?;
        }
        write!(f, ": {}", self.message)?;
        if !self.message.ends_with('.') {
            write!(f, ".")?;
        }
        if !self.remedy.is_empty() {
            write!(f, " {}", self.remedy)?;
        }
        Ok(())
    }
}
