//! Rows of any format as cells under the plan's columns; a row that cannot be read comes with
//! the reason.

use std::collections::HashMap;

use crate::decode::{Input, Source};
use crate::error::{DataError, ErrorCode};
use crate::json::{self, Item, Items};
use crate::options::Format;
use crate::plan::Plan;
use crate::table::{Record, Records};

const SAMPLE_CHARS: usize = 80;

/// What makes a row unreadable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Flaw {
    /// Bytes that are no text.
    Encoding,
    /// Too few or too many fields.
    Ragged,
    /// Quotes that swallow lines.
    Quotes,
    /// No JSON object.
    Json,
    /// No text after the label.
    Label,
}

/// An unreadable row.
#[derive(Debug)]
pub(crate) struct Broken {
    pub(crate) flaw: Flaw,
    pub(crate) reason: String,
    /// Lines that are lost with it.
    pub(crate) lines: u64,
    pub(crate) sample: String,
}

/// One row.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) number: u64,
    pub(crate) offset: u64,
    pub(crate) cells: Result<Vec<String>, Broken>,
}

enum Reader<'a> {
    Fields(Records<Input<'a>>, Record),
    Objects(Items<Input<'a>>, Item),
}

/// Reads rows.
pub(crate) struct Rows<'a> {
    reader: Reader<'a>,
    pub(crate) columns: Vec<String>,
    index: HashMap<String, usize>,
    file: String,
    format: Format,
    skip_header: bool,
    growing: bool,
    transcoded: bool,
    max_columns: usize,
    /// Members that are no columns, because they first came after the survey.
    pub(crate) ignored_members: u64,
}

impl<'a> Rows<'a> {
    pub(crate) fn open(plan: &Plan, source: &'a mut Source<'_>) -> Result<Self, DataError> {
        let file = source.name.to_string();
        let transcoded = source.is_transcoded();
        let input = source.rewind()?;
        let limits = plan.limits;
        let reader = match plan.layout.format {
            Format::Delimited | Format::LabelText => Reader::Fields(
                Records::new(input, plan.dialect, limits.row_bytes, limits.columns),
                Record::default(),
            ),
            format => Reader::Objects(
                Items::new(input, format == Format::Json, limits.row_bytes),
                Item::default(),
            ),
        };
        let index = plan.columns.iter().cloned().zip(0..).collect();
        Ok(Self {
            reader,
            columns: plan.columns.clone(),
            index,
            file,
            format: plan.layout.format,
            skip_header: plan.layout.header,
            growing: plan.growing,
            transcoded,
            max_columns: limits.columns,
            ignored_members: 0,
        })
    }

    /// The next row; none at the end.
    pub(crate) fn next(&mut self) -> Result<Option<Row>, DataError> {
        loop {
            let more = match &mut self.reader {
                Reader::Fields(records, record) => records.read(record),
                Reader::Objects(items, item) => items.read(item),
            };
            if !more.map_err(|error| error.named(&self.file))? {
                return Ok(None);
            }
            if let Reader::Fields(_, record) = &self.reader {
                if record.is_empty() {
                    continue;
                }
                if std::mem::take(&mut self.skip_header) {
                    continue;
                }
            }
            return self.current().map(Some);
        }
    }

    fn current(&mut self) -> Result<Row, DataError> {
        let (number, offset, lines, bytes) = match &self.reader {
            Reader::Fields(_, record) => (record.row, record.offset, record.lines, record.bytes()),
            Reader::Objects(_, item) => (item.row, item.offset, 1, &item.bytes[..]),
        };
        let text = match readable(bytes, offset, self.transcoded) {
            Ok(text) => text,
            Err(reason) => {
                let cells = Err(broken(Flaw::Encoding, reason, lines, bytes));
                return Ok(Row {
                    number,
                    offset,
                    cells,
                });
            }
        };
        let cells = match (&self.reader, self.format) {
            (Reader::Fields(_, record), Format::LabelText) => label_text(text, record),
            (Reader::Fields(_, record), _) => fields(text, record, self.columns.len()),
            (Reader::Objects(..), _) => match json::members(text) {
                Ok(members) => Ok(self.place(number, members)?),
                Err(reason) => Err(broken(Flaw::Json, reason, 1, bytes)),
            },
        };
        Ok(Row {
            number,
            offset,
            cells,
        })
    }

    fn place(
        &mut self,
        row: u64,
        members: Vec<(String, String)>,
    ) -> Result<Vec<String>, DataError> {
        let mut cells = vec![String::new(); self.columns.len()];
        for (key, value) in members {
            if let Some(at) = self.index.get(&key) {
                cells[*at] = value;
            } else if self.growing {
                if self.columns.len() >= self.max_columns {
                    let message = format!("there are more than {} members", self.max_columns);
                    return Err(
                        DataError::new(ErrorCode::TooManyColumns, &self.file, message)
                            .at(row)
                            .remedy("Keep the text and the label only."),
                    );
                }
                self.index.insert(key.clone(), self.columns.len());
                self.columns.push(key);
                cells.push(value);
            } else {
                self.ignored_members += 1;
            }
        }
        Ok(cells)
    }
}

fn readable(bytes: &[u8], offset: u64, transcoded: bool) -> Result<&str, String> {
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let at = offset + error.valid_up_to() as u64;
        format!("a byte near {at} is not UTF-8")
    })?;
    if transcoded && text.contains('\u{fffd}') {
        return Err("a byte does not exist in the file's encoding".to_string());
    }
    if text.contains('\0') {
        return Err("there is a NUL byte in the row".to_string());
    }
    Ok(text)
}

/// A delimited row must have a field per column; empty ones more do no harm.
fn fields(text: &str, record: &Record, columns: usize) -> Result<Vec<String>, Broken> {
    let fail = |flaw, reason| Err(broken(flaw, reason, record.lines, text.as_bytes()));
    if record.odd && record.lines > 1 || record.unterminated {
        let reason = format!("a double quote takes in {} lines", record.lines);
        return fail(Flaw::Quotes, reason);
    }
    let more_is_empty =
        (columns..record.len()).all(|at| record.field(at).is_none_or(<[u8]>::is_empty));
    if record.len() < columns || !more_is_empty {
        let reason = format!("expected {columns} fields, found {}", record.len());
        return fail(Flaw::Ragged, reason);
    }
    // Fields end at delimiters, which are ASCII: every part of valid UTF-8 is valid.
    let cells = record.fields().take(columns);
    Ok(cells
        .map(|cell| String::from_utf8_lossy(cell).into_owned())
        .collect())
}

/// `LABEL text`, `__label__LABEL text`; tells label and text in the order of the columns.
fn label_text(line: &str, record: &Record) -> Result<Vec<String>, Broken> {
    let fail = |reason: &str| {
        Err(broken(
            Flaw::Label,
            reason.into(),
            record.lines,
            line.as_bytes(),
        ))
    };
    let Some((label, text)) = line.trim_start().split_once([' ', '\t']) else {
        return fail("there is no text after the label");
    };
    if text.trim_start().starts_with("__label__") {
        return fail("the row has several labels");
    }
    let label = label.strip_prefix("__label__").unwrap_or(label);
    Ok(vec![label.to_string(), text.trim().to_string()])
}

fn broken(flaw: Flaw, reason: String, lines: u64, bytes: &[u8]) -> Broken {
    let start = &bytes[..bytes.len().min(SAMPLE_CHARS * 4)];
    Broken {
        flaw,
        reason,
        lines,
        sample: String::from_utf8_lossy(start)
            .chars()
            .take(SAMPLE_CHARS)
            .collect(),
    }
}

/// How a row begins, for messages.
pub(crate) fn begins(cells: &[String]) -> String {
    cells.join(" | ").chars().take(SAMPLE_CHARS).collect()
}
