//! A first reading of a delimited file: how many fields rows have, and whether its quotes are
//! quotes or plain text.

use std::collections::BTreeMap;
use std::io::BufRead;

use crate::decode::Source;
use crate::error::{DataError, ErrorCode};
use crate::options::Limits;
use crate::table::{Dialect, Record, Records, TableError};

/// What one reading found.
#[derive(Debug, Default)]
pub(crate) struct Audit {
    /// Rows that are not blank.
    pub(crate) records: u64,
    /// Fields of the first of them.
    pub(crate) first_width: usize,
    /// Rows by their number of fields.
    widths: BTreeMap<usize, u64>,
    /// Rows with a field in quotes.
    pub(crate) quoted: u64,
    /// Rows with a quote where none may stand, and the first of them.
    pub(crate) odd: u64,
    pub(crate) first_odd: Option<u64>,
    /// Row in which a quote opens that never closes.
    pub(crate) open: Option<u64>,
    /// Fields with a quote that no writer of quoted fields would have left like that.
    pub(crate) literal: u64,
}

impl Audit {
    /// Reads everything.
    pub(crate) fn of(
        input: impl BufRead,
        dialect: Dialect,
        limits: &Limits,
    ) -> Result<Self, TableError> {
        let mut audit = Self::default();
        let mut records = Records::new(input, dialect, limits.row_bytes, limits.columns);
        let mut record = Record::default();
        loop {
            match records.read(&mut record) {
                Ok(true) if !record.is_empty() => audit.count(&record, dialect),
                Ok(true) => {}
                Ok(false) => return Ok(audit),
                Err(TableError::TooLong { row, quoted: true }) => {
                    audit.open = Some(row);
                    return Ok(audit);
                }
                Err(error) => return Err(error),
            }
        }
    }

    fn count(&mut self, record: &Record, dialect: Dialect) {
        if self.records == 0 {
            self.first_width = record.len();
        }
        self.records += 1;
        *self.widths.entry(record.len()).or_default() += 1;
        self.quoted += u64::from(record.quoted);
        if record.odd {
            self.odd += 1;
            self.first_odd.get_or_insert(record.row);
        }
        if record.unterminated {
            self.open = Some(record.row);
        }
        if !dialect.quote {
            self.literal += record.fields().filter(|field| is_literal(field)).count() as u64;
        }
    }

    /// The most frequent number of fields; the larger of two that are equally frequent.
    pub(crate) fn width(&self) -> usize {
        let most = self
            .widths
            .iter()
            .max_by_key(|(width, rows)| (**rows, **width));
        most.map_or(0, |(width, _)| *width)
    }

    /// Rows with another number of fields than most.
    pub(crate) fn ragged(&self) -> u64 {
        let regular = self.widths.get(&self.width()).copied().unwrap_or(0);
        self.records - regular
    }

    /// Whether all rows have as many fields as the first, and more than one.
    fn is_regular(&self) -> bool {
        self.ragged() == 0 && self.width() >= 2 && self.first_width == self.width()
    }

    /// Whether the file was evidently written with quotes around fields, a few slips aside.
    fn is_mostly_quoted(&self) -> bool {
        self.quoted * 2 >= self.records && self.odd * 10 <= self.quoted
    }

    fn is_clean(&self) -> bool {
        self.odd == 0 && self.open.is_none()
    }
}

/// A bare quote, or a quote at the start that is not closed at the end of the same line.
fn is_literal(field: &[u8]) -> bool {
    let field = field.strip_suffix(b"\r").unwrap_or(field);
    match field.strip_prefix(b"\"") {
        None => field.contains(&b'"'),
        Some(rest) => rest.strip_suffix(b"\"").is_none_or(has_single_quote),
    }
}

fn has_single_quote(inner: &[u8]) -> bool {
    let mut at = 0;
    while at < inner.len() {
        if inner[at] != b'"' {
            at += 1;
        } else if inner.get(at + 1) == Some(&b'"') {
            at += 2;
        } else {
            return true;
        }
    }
    false
}

/// Decides whether double quotes enclose fields, by reading the file both ways.
pub(crate) fn decide_quote(
    source: &mut Source<'_>,
    dialect: Dialect,
    limits: &Limits,
    notices: &mut Vec<String>,
) -> Result<(bool, Audit), DataError> {
    let name = source.name;
    let mut read = |quote| {
        Audit::of(source.rewind()?, Dialect { quote, ..dialect }, limits)
            .map_err(|error| error.named(name))
    };
    let on = read(true)?;
    if on.quoted == 0 && on.odd == 0 {
        return Ok((true, on));
    }
    if on.is_clean() && on.is_mostly_quoted() {
        return Ok((true, on));
    }
    let off = read(false)?;
    let tabs = dialect.delimiter == Some(b'\t');
    let regular = off.is_regular();
    if on.is_clean() && (on.ragged() == 0 || !regular) && !(tabs && regular && off.literal > 0) {
        return Ok((true, on));
    }
    let bad = on.ragged() + on.odd;
    let nearly = off.width() >= 2 && off.ragged() * 100 <= off.records && off.ragged() < bad;
    if !on.is_mostly_quoted() && (regular || nearly) {
        notices.push(format!(
            "Double quotes in {name} do not enclose fields, so they are kept as text; give --quoting yes if they do."
        ));
        return Ok((false, off));
    }
    if let Some(row) = on.open {
        let row = on.first_odd.map_or(row, |odd| odd.min(row));
        return Err(unbalanced(name, row));
    }
    if let Some(row) = on.first_odd {
        notices.push(format!(
            "Rows of {name} with double quotes in odd places: {} (the first is row {row}); check that their texts are whole.",
            on.odd
        ));
    }
    Ok((true, on))
}

fn unbalanced(name: &str, row: u64) -> DataError {
    let message = "the double quotes do not add up: one that opens here is never closed";
    DataError::new(ErrorCode::MalformedCsv, name, message)
        .at(row)
        .remedy(
            "Close it, write a quote inside a text twice (\"\"), or give --quoting no if quotes are plain text.",
        )
}
