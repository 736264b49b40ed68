//! What a person may say of a file; everything left out is detected.

use serde::{Deserialize, Serialize};

/// Layout of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// Fields with a delimiter between them: CSV, TSV.
    Delimited,
    /// One JSON object per line.
    Jsonl,
    /// One JSON array of objects.
    Json,
    /// `LABEL text` or `__label__LABEL text`.
    LabelText,
}

/// What to do with labels that are all of the form `COARSE:fine`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LabelLevel {
    /// The part before the colon, if every label has one.
    #[default]
    Coarse,
    /// The label as it is.
    Full,
}

/// Bounds on what is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Bytes of one row.
    pub row_bytes: usize,
    /// Columns.
    pub columns: usize,
    /// Fewer usable rows than this are refused; none: 20 with labels, 10 of messages.
    pub minimum_rows: Option<u64>,
    /// Rows of one chunk.
    pub chunk_rows: usize,
    /// Bytes of text in one chunk.
    pub chunk_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            row_bytes: 16 << 20,
            columns: 4_096,
            minimum_rows: None,
            chunk_rows: 50_000,
            chunk_bytes: 64 << 20,
        }
    }
}

/// What is known of a file beforehand.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ImportOptions {
    /// Layout.
    pub format: Option<Format>,
    /// One ASCII character.
    pub delimiter: Option<char>,
    /// Whether double quotes enclose fields.
    pub quote: Option<bool>,
    /// Whether the first row names the columns.
    pub header: Option<bool>,
    /// Name of a character encoding, as on the web: `windows-1252`, `euc-kr`, `utf-16le`.
    pub encoding: Option<String>,
    /// Name of the column with the text, or its number from 1.
    pub text_column: Option<String>,
    /// Name of the column with the label, or its number from 1.
    pub label_column: Option<String>,
    /// Which part of two-level labels to keep.
    pub label_level: LabelLevel,
    /// Bounds.
    pub limits: Limits,
}
