//! What kind of file it is, from its name and its first 256 KB.

use std::collections::HashMap;

use crate::audit::Audit;
use crate::kind::extension;
use crate::options::{Format, ImportOptions, Limits};
use crate::roles;
use crate::table::{Dialect, Record, Records, TableError};

pub(crate) const SAMPLE_BYTES: u64 = 256 << 10;

/// The start of a file, cut after a whole line.
pub(crate) struct Sample {
    pub(crate) bytes: Vec<u8>,
}

impl Sample {
    pub(crate) fn new(mut bytes: Vec<u8>) -> Self {
        if bytes.len() as u64 >= SAMPLE_BYTES
            && let Some(end) = bytes.iter().rposition(|byte| matches!(byte, b'\n' | b'\r'))
        {
            bytes.truncate(end + 1);
        }
        Self { bytes }
    }

    pub(crate) fn terminator(&self) -> u8 {
        if !self.bytes.contains(&b'\n') && self.bytes.contains(&b'\r') {
            b'\r'
        } else {
            b'\n'
        }
    }

    fn lines(&self) -> impl Iterator<Item = &[u8]> {
        let terminator = self.terminator();
        self.bytes
            .split(move |byte| *byte == terminator)
            .map(<[u8]>::trim_ascii)
            .filter(|line| !line.is_empty())
    }

    /// The first `count` rows under a dialect, as text.
    pub(crate) fn rows(&self, dialect: Dialect, count: usize, limits: &Limits) -> Vec<Vec<String>> {
        let mut records = Records::new(&self.bytes[..], dialect, limits.row_bytes, limits.columns);
        let mut record = Record::default();
        let mut rows = Vec::new();
        while rows.len() < count && records.read(&mut record).unwrap_or(false) {
            if !record.is_empty() {
                let cells = record.fields().map(String::from_utf8_lossy);
                rows.push(cells.map(|cell| cell.trim().to_string()).collect());
            }
        }
        rows
    }
}

/// The format, and the delimiter where there is one.
pub(crate) fn format(sample: &Sample, name: &str, options: &ImportOptions) -> (Format, Option<u8>) {
    let given = options.delimiter.and_then(|found| u8::try_from(found).ok());
    if given.is_some() && options.format.is_none() {
        return (Format::Delimited, given);
    }
    match options.format {
        Some(Format::Delimited) => {
            let found = given.or_else(|| delimiter(sample, name, &options.limits));
            return (Format::Delimited, found);
        }
        Some(format) => return (format, None),
        None => {}
    }
    if let Some(format) = json(sample, name) {
        return (format, None);
    }
    if let Some(found) = delimiter(sample, name, &options.limits) {
        return (Format::Delimited, Some(found));
    }
    let labelled = is_label_text(sample);
    let format = if labelled {
        Format::LabelText
    } else {
        Format::Delimited
    };
    (format, None)
}

fn json(sample: &Sample, name: &str) -> Option<Format> {
    let ending = extension(name);
    let start = sample.bytes.trim_ascii_start();
    let first = start.first().copied()?;
    let next = start.get(1..)?.trim_ascii_start().first().copied();
    let array = first == b'[' && matches!(next, Some(b'{' | b']'));
    if array && !matches!(ending.as_str(), "csv" | "tsv") || first == b'[' && ending == "json" {
        return Some(Format::Json);
    }
    if matches!(ending.as_str(), "jsonl" | "ndjson" | "json") {
        return Some(Format::Jsonl);
    }
    let line = sample.lines().next()?;
    let object = first == b'{' && serde_json::from_slice::<serde_json::Value>(line).is_ok();
    object.then_some(Format::Jsonl)
}

/// The delimiter that splits (nearly) all rows alike; the ending's own one in doubt.
fn delimiter(sample: &Sample, name: &str, limits: &Limits) -> Option<u8> {
    let order: [u8; 4] = match extension(name).as_str() {
        "csv" => *b",;\t|",
        "psv" => *b"|\t,;",
        "ssv" => *b";\t,|",
        _ => *b"\t,;|",
    };
    let mut fair = None;
    let mut good = None;
    for delimiter in order {
        let Some(split) = Split::by(delimiter, sample, limits) else {
            continue;
        };
        if split.share >= 0.9 && split.first_fits && split.named {
            return Some(delimiter);
        }
        if split.share >= 0.9 && split.first_fits {
            good.get_or_insert(delimiter);
        }
        let own = matches!(extension(name).as_str(), "csv" | "tsv" | "psv" | "ssv");
        if split.share == 0.0 || own && delimiter == order[0] && split.share >= 0.5 {
            fair.get_or_insert(delimiter);
        }
    }
    good.or(fair)
}

#[derive(Default)]
struct Split {
    /// Share of rows with the most frequent number of fields; 0: there are too many fields.
    share: f64,
    /// Whether the first row has that number too.
    first_fits: bool,
    /// Whether the first row names a text and a label column.
    named: bool,
}

impl Split {
    /// How well the delimiter splits the sample, with or without quoting, whichever is better.
    fn by(delimiter: u8, sample: &Sample, limits: &Limits) -> Option<Self> {
        let mut best: Option<Self> = None;
        for quote in [true, false] {
            let dialect = Dialect {
                delimiter: Some(delimiter),
                quote,
                terminator: sample.terminator(),
            };
            let audit = match Audit::of(&sample.bytes[..], dialect, limits) {
                Ok(audit) => audit,
                // To be refused later, for that reason and not for having one column.
                Err(TableError::TooManyColumns { .. }) => return Some(Self::default()),
                Err(_) => continue,
            };
            let width = audit.width();
            if width < 2 {
                continue;
            }
            let first = sample.rows(dialect, 1, limits).pop().unwrap_or_default();
            let split = Self {
                share: (audit.records - audit.ragged()) as f64 / audit.records as f64,
                first_fits: audit.first_width == width,
                named: roles::text_by_name(&first).is_some()
                    && roles::label_by_name(&first).is_some(),
            };
            if best.as_ref().is_none_or(|best| split.share > best.share) {
                best = Some(split);
            }
        }
        best
    }
}

/// Whether every line begins with one of a few labels.
fn is_label_text(sample: &Sample) -> bool {
    let mut labels: HashMap<&[u8], u64> = HashMap::new();
    let mut lines = 0u64;
    let mut split = 0u64;
    for line in sample.lines() {
        lines += 1;
        if let Some(end) = line.iter().position(|byte| matches!(byte, b' ' | b'\t')) {
            split += 1;
            *labels.entry(&line[..end]).or_default() += 1;
        }
    }
    let distinct = labels.len() as u64;
    if distinct == 0 || split * 100 < lines * 99 {
        return false;
    }
    let all = |shape: fn(&[u8]) -> bool| labels.keys().all(|label| shape(label));
    if all(|label| label.starts_with(b"__label__")) {
        return true;
    }
    let shaped = all(|label| label.iter().all(u8::is_ascii_digit)) || all(is_two_level);
    // Plain words begin many texts as well: only very few of them pass for labels.
    distinct >= 2
        && ((shaped && distinct * 5 <= lines) || (distinct <= 20 && distinct * 10 <= lines))
}

fn is_two_level(label: &[u8]) -> bool {
    let mut parts = label.split(|byte| *byte == b':');
    let (coarse, fine, rest) = (parts.next(), parts.next(), parts.next());
    rest.is_none()
        && coarse.is_some_and(|part| !part.is_empty())
        && fine.is_some_and(|part| !part.is_empty())
}
