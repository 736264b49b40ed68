//! Figures over each column of the first hundred thousand rows, from which roles are decided.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};

use crate::decode::Source;
use crate::error::{DataError, ErrorCode};
use crate::options::Format;
use crate::plan::Plan;
use crate::rows::Broken;
use crate::verdict::misread;

/// More classes than this are refused.
pub(crate) const MAX_LABELS: usize = 1_000;
const ROWS: u64 = 100_000;

/// Figures over one column.
#[derive(Debug, Default)]
pub(crate) struct Column {
    pub(crate) name: String,
    /// Rows looked at.
    pub(crate) rows: u64,
    /// Those with a value.
    pub(crate) filled: u64,
    chars: u64,
    nested: u64,
    values: HashSet<u64>,
}

impl Column {
    fn count(&mut self, cell: &str) {
        let cell = cell.trim();
        if cell.is_empty() {
            return;
        }
        self.filled += 1;
        self.chars += cell.chars().count() as u64;
        self.nested += u64::from(cell.starts_with(['[', '{']));
        if self.values.len() <= MAX_LABELS {
            let mut hasher = DefaultHasher::new();
            cell.hash(&mut hasher);
            self.values.insert(hasher.finish());
        }
    }

    /// Different values; above the maximum they are no longer counted.
    pub(crate) fn distinct(&self) -> usize {
        self.values.len()
    }

    pub(crate) fn mean_chars(&self) -> f64 {
        self.chars as f64 / self.filled.max(1) as f64
    }

    /// Whether most values are JSON arrays or objects.
    pub(crate) fn is_nested(&self) -> bool {
        self.nested * 2 > self.filled
    }
}

/// Looks at the columns; those of JSON objects are found on the way, into the plan.
pub(crate) fn survey(source: &mut Source<'_>, plan: &mut Plan) -> Result<Vec<Column>, DataError> {
    let mut found: Vec<Column> = Vec::new();
    let mut rows = plan.rows(source)?;
    let mut seen = 0;
    let mut first_broken = None;
    while let Some(row) = rows.next()? {
        let cells = match row.cells {
            Ok(cells) => cells,
            Err(broken) => {
                first_broken.get_or_insert((row.number, broken));
                continue;
            }
        };
        found.resize_with(cells.len().max(found.len()), Column::default);
        for (column, cell) in found.iter_mut().zip(&cells) {
            column.count(cell);
        }
        seen += 1;
        if seen >= ROWS {
            break;
        }
    }
    plan.columns = rows.columns;
    if seen == 0 {
        return Err(nothing(source.name, plan.layout.format, first_broken));
    }
    found.resize_with(plan.columns.len(), Column::default);
    for (column, name) in found.iter_mut().zip(&plan.columns) {
        column.name.clone_from(name);
        column.rows = seen;
    }
    Ok(found)
}

fn nothing(file: &str, format: Format, first_broken: Option<(u64, Broken)>) -> DataError {
    let Some((row, broken)) = first_broken else {
        return DataError::new(
            ErrorCode::NoRows,
            file,
            "there are no rows below the header",
        )
        .remedy("Give a file with a text and a label in each row.");
    };
    let message = format!("no row can be read: {}", broken.reason);
    misread(file, format, broken.flaw, message).at(row)
}
