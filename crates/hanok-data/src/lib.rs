//! Tables: reads CSV, TSV, JSON Lines and `LABEL text` files, checks them, and writes them as
//! Parquet chunks; reads those chunks back; splits rows by the hash of their text.
//!
//! Pure: readers go in, structs come out. Knows nothing of the product, of objects or of
//! databases. Memory is bounded by the longest row and one chunk, whatever the file's length.

mod audit;
mod check;
mod chunk;
mod decode;
mod error;
mod figures;
mod header;
mod import;
mod imported;
mod json;
mod kind;

mod messages;
mod options;
mod plan;
mod read;
mod refine;
mod roles;
mod rows;
mod sniff;
pub mod split;
mod survey;
pub mod table;
mod verdict;

pub use chunk::{Chunk, ChunkSink};
pub use error::{DataError, ErrorCode};
pub use import::{import, import_path};
pub use imported::{
    ChunkInfo, Imported, Kind, LabelCount, Layout, LevelUsed, Rejected, Statistics, TextLengths,
};
pub use kind::refuse_others;
pub use options::{Format, ImportOptions, LabelLevel, Limits};
pub use read::{ChunkRows, Row, read_rows};
