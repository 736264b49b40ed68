//! What an import found: the layout, the roles, figures, and every row that was left out.

use serde::{Deserialize, Serialize};

use crate::options::Format;

/// What the rows are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// `text` and `label`.
    Classification,
    /// `messages`: conversations as JSON.
    Messages,
}

impl Kind {
    /// As it stands in manifests.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Classification => "classification",
            Self::Messages => "messages",
        }
    }
}

/// How the file was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Layout {
    /// Format.
    pub format: Format,
    /// Between fields; none where there are no fields.
    pub delimiter: Option<char>,
    /// Whether double quotes enclosed fields.
    pub quote: bool,
    /// Whether the first row named the columns.
    pub header: bool,
    /// Character encoding.
    pub encoding: String,
}

/// What became of two-level labels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LevelUsed {
    /// Labels are as in the file.
    Full,
    /// Only the part before the colon was kept.
    Coarse,
}

/// A row that was left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rejected {
    /// Row as a spreadsheet counts it: a header is row 1. Line number for JSON Lines.
    pub row: u64,
    /// Byte at which the row starts (in UTF-8, if the file had another encoding).
    pub offset: u64,
    /// Why.
    pub reason: String,
    /// How the row begins.
    pub sample: String,
}

/// A class and its rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LabelCount {
    /// The class.
    pub label: String,
    /// Rows that carry it.
    pub count: u64,
}

/// Lengths of the texts in characters; those above 1,024 are within 0.4 % of the exact figure
/// (minimum, mean and maximum are exact).
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct TextLengths {
    /// Shortest.
    pub min: u64,
    /// Mean.
    pub mean: f64,
    /// Median.
    pub p50: u64,
    /// 95th percentile.
    pub p95: u64,
    /// Longest.
    pub max: u64,
}

/// Figures over the rows that were kept.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Statistics {
    /// Classes by name; empty for messages.
    pub labels: Vec<LabelCount>,
    /// Lengths of the texts.
    pub text_chars: TextLengths,
    /// Rows whose text occurred before (estimated above a million rows).
    pub duplicates: u64,
    /// Rows left out because the text is empty.
    pub empty_texts: u64,
    /// Rows left out because the label is empty.
    pub empty_labels: u64,
    /// Classes with a single row.
    pub single_row_labels: u64,
    /// Share of Hangul among the letters, 0 to 1.
    pub hangul_share: f64,
}

/// A chunk that was handed to the sink.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChunkInfo {
    /// Rows in it.
    pub rows: u64,
    /// Number of its first row, from 0.
    pub offset: u64,
    /// Its length in bytes.
    pub bytes: u64,
}

/// A file that was imported.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Imported {
    /// What the rows are for.
    pub kind: Kind,
    /// Columns of the chunks.
    pub columns: Vec<String>,
    /// Columns of the file.
    pub source_columns: Vec<String>,
    /// Which of them is the text; none for messages.
    pub text_column: Option<String>,
    /// Which of them is the label; none for messages.
    pub label_column: Option<String>,
    /// What became of two-level labels.
    pub label_level: LevelUsed,
    /// How the file was read.
    pub layout: Layout,
    /// Rows kept.
    pub rows: u64,
    /// The first hundred rows left out.
    pub rejected: Vec<Rejected>,
    /// All rows left out.
    pub rejected_total: u64,
    /// What a person should know, in plain sentences.
    pub notices: Vec<String>,
    /// Figures over the rows kept.
    pub statistics: Statistics,
    /// The chunks, in row order.
    pub chunks: Vec<ChunkInfo>,
}
