//! Imports as a caller sees them: bytes in, chunks and findings out.

mod bounds;
mod chunks;
mod encodings;
mod errors;
mod formats;
mod quotes;
mod real_data;
mod records;

use std::io::Cursor;
use std::path::PathBuf;

use hanok_data::{Chunk, DataError, ImportOptions, Imported, Row, import, read_rows};

/// An import with its chunks.
struct Done {
    found: Imported,
    chunks: Vec<Chunk>,
}

impl Done {
    /// All rows of the columns.
    fn rows(&self, columns: &[&str]) -> Vec<Row> {
        let read = |chunk: &Chunk| read_rows(&chunk.bytes, columns, 0..u64::MAX).unwrap();
        self.chunks.iter().flat_map(read).collect()
    }

    /// Texts and labels.
    fn pairs(&self) -> Vec<(String, String)> {
        let pair = |row: Row| (row[0].clone(), row[1].clone());
        self.rows(&["text", "label"])
            .into_iter()
            .map(pair)
            .collect()
    }

    fn labels(&self) -> Vec<(&str, u64)> {
        let labels = &self.found.statistics.labels;
        labels
            .iter()
            .map(|one| (one.label.as_str(), one.count))
            .collect()
    }

    fn notice(&self, part: &str) -> bool {
        self.found
            .notices
            .iter()
            .any(|notice| notice.contains(part))
    }
}

fn attempt(name: &str, content: &[u8], options: &ImportOptions) -> Result<Done, DataError> {
    let mut chunks = Vec::new();
    let found = import(Cursor::new(content), name, options, &mut |chunk| {
        chunks.push(chunk);
        Ok(())
    });
    match found {
        Ok(found) => Ok(Done { found, chunks }),
        Err(error) => {
            assert!(chunks.is_empty(), "a refused file left chunks: {error}");
            Err(error)
        }
    }
}

fn done(name: &str, content: impl AsRef<[u8]>) -> Done {
    attempt(name, content.as_ref(), &ImportOptions::default()).unwrap()
}

fn refused(name: &str, content: impl AsRef<[u8]>) -> DataError {
    match attempt(name, content.as_ref(), &ImportOptions::default()) {
        Ok(done) => panic!("{name} was imported: {:?}", done.found),
        Err(error) => error,
    }
}

/// `count` rows of two classes, made by `row` from a text and a label.
fn table(count: usize, row: impl Fn(&str, &str) -> String) -> String {
    let one = |at: usize| {
        let label = if at.is_multiple_of(3) { "pos" } else { "neg" };
        row(&format!("text number {at} of the table"), label)
    };
    (0..count).map(one).collect()
}

/// A folder of the outside data, if there is any.
fn outside(folder: &str) -> Option<PathBuf> {
    Some(PathBuf::from(std::env::var_os("HANOK_TEST_DATA")?).join(folder))
}
